// How responses were spread, over time: columns of time, rows of response on a logarithmic scale,
// the logarithm of the number of operations as colour.
//   squallPage.heatMap(canvas, {
//     from, to,              seconds: what the axis spans
//     width,                 seconds of a column; the first one begins at `start`
//     start, edges: [us],    lower edge of each row and the upper one of the last
//     never: false,          whether the topmost row holds what was never answered
//     columns: [[first row, count, count, …] or []],
//     bands, legend: element})
// returns {setColumns(columns), setData({start, width, edges, never, columns}), setSpan(from, to),
// setBands(bands)}. Also
//   squallPage.mergeColumns(list of columns)          adds them up
//   squallPage.columnPercentile(column, edges, 0.99)  of one column, us; never: squallPage.never
"use strict";
(function (page) {
  // From few to many. Either way round lightness rises or falls all along, so that it reads without
  // colours too.
  const ramps = {
    light: ["#dcecf7", "#9fcbe6", "#58a4d3", "#2276b5", "#0b4a8c", "#072a5c"],
    dark: ["#26305e", "#2f5a8f", "#2b8a9c", "#3fb68b", "#a3d954", "#fde93a"],
  };

  function ramp(share) {
    const stops = ramps[page.isDark() ? "dark" : "light"];
    const at = Math.min(0.9999, Math.max(0, share)) * (stops.length - 1);
    const low = Math.floor(at);
    const part = (hex, i) => parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16);
    const mixed = [0, 1, 2].map((i) => {
      const a = part(stops[low], i);
      return Math.round(a + (part(stops[low + 1], i) - a) * (at - low));
    });
    return `rgb(${mixed.join(",")})`;
  }

  page.mergeColumns = function (lists) {
    const length = Math.max(0, ...lists.map((one) => one.length));
    const merged = [];
    for (let i = 0; i < length; ++i) {
      const parts = lists.map((one) => one[i]).filter((one) => one && one.length);
      if (parts.length < 2) {
        merged.push(parts[0] || []);
        continue;
      }
      const first = Math.min(...parts.map((one) => one[0]));
      const last = Math.max(...parts.map((one) => one[0] + one.length - 2));
      const sum = new Array(last - first + 2).fill(0);
      sum[0] = first;
      for (const part of parts) for (let j = 1; j < part.length; ++j) sum[part[0] - first + j] += part[j];
      merged.push(sum);
    }
    return merged;
  };

  page.columnPercentile = function (column, edges, share, never) {
    if (!column || column.length < 2) return null;
    let all = 0;
    for (let i = 1; i < column.length; ++i) all += column[i];
    if (all === 0) return null;
    let left = share * all;
    for (let i = 1; i < column.length; ++i) {
      if (column[i] >= left && column[i] > 0) {
        const row = column[0] + i - 1;
        if (never && row === edges.length - 2) return page.never;
        const low = Math.max(edges[row], 1);
        return low * (Math.max(edges[row + 1], low) / low) ** (left / column[i]);
      }
      left -= column[i];
    }
    return null;
  };

  function highest(columns) {
    let most = 1;
    for (const column of columns) for (let i = 1; i < column.length; ++i) if (column[i] > most) most = column[i];
    return most;
  }

  const cells = {
    id: "squallCells",
    beforeDatasetsDraw(chart) {
      const options = chart.squallHeat;
      const { x, y } = chart.scales;
      const context = chart.ctx;
      const most = Math.log1p(highest(options.columns));
      context.save();
      context.beginPath();
      context.rect(chart.chartArea.left, chart.chartArea.top, chart.chartArea.width, chart.chartArea.height);
      context.clip();
      options.columns.forEach((column, i) => {
        const left = x.getPixelForValue(options.start + i * options.width);
        const right = x.getPixelForValue(options.start + (i + 1) * options.width);
        for (let j = 1; j < column.length; ++j) {
          if (column[j] === 0) continue;
          const row = column[0] + j - 1;
          const top = y.getPixelForValue(options.edges[row + 1]);
          const bottom = y.getPixelForValue(Math.max(options.edges[row], y.min));
          const isNever = options.never && row === options.edges.length - 2;
          context.fillStyle = isNever ? page.colour("--red") : ramp(Math.log1p(column[j]) / most);
          // Half a pixel over, so that no seams show.
          context.fillRect(left, top, right - left + 0.5, bottom - top + 0.5);
        }
      });
      context.restore();
    },
  };

  function drawLegend(options) {
    if (!options.legend) return;
    const most = highest(options.columns);
    const bar = document.createElement("canvas");
    bar.width = 120;
    bar.height = 10;
    const context = bar.getContext("2d");
    for (let i = 0; i < 120; ++i) {
      context.fillStyle = ramp(i / 119);
      context.fillRect(i, 0, 1, 10);
    }
    options.legend.replaceChildren("1", bar, page.count(most) + " operations a cell" + (options.never ? "; red: never answered" : ""));
  }

  function cellAt(chart, event) {
    const options = chart.squallHeat;
    const t = chart.scales.x.getValueForPixel(event.x);
    const us = chart.scales.y.getValueForPixel(event.y);
    const index = Math.floor((t - options.start) / options.width);
    const column = options.columns[index];
    const row = options.edges.findIndex((edge, i) => edge <= us && us < options.edges[i + 1]);
    const count = column && column.length && row >= 0 ? column[row - column[0] + 1] || 0 : 0;
    if (count === 0 || row < 0 || (column && row < column[0])) return "";
    const isNever = options.never && row === options.edges.length - 2;
    const span = isNever ? "never answered" : page.duration(options.edges[row]) + " to " + page.duration(options.edges[row + 1]);
    return `${page.instant(options.start + index * options.width)}: ${page.count(count)} operations, ${span}`;
  }

  const tip = {
    id: "squallTip",
    afterEvent(chart, args) {
      const options = chart.squallHeat;
      if (!options.tip) return;
      options.tip.textContent = args.inChartArea && args.event.type !== "mouseout" ? cellAt(chart, args.event) : "";
    },
  };

  function configure(options) {
    const lowest = Math.max(1, options.edges[0] || 1);
    const top = options.edges[options.edges.length - 1] || 10;
    return {
      type: "scatter",
      data: { datasets: [{ data: [], label: "operations" }] },
      options: {
        responsive: true,
        maintainAspectRatio: false,
        events: ["mousemove", "mouseout", "click", "touchstart", "touchmove"],
        layout: { padding: { top: 6, right: page.rightPadding, bottom: 0, left: 0 } },
        scales: {
          x: page.timeScale(options.from, options.to),
          y: {
            type: "logarithmic",
            min: lowest,
            max: Math.max(top, lowest * 2),
            grid: { color: page.colour("--line") },
            ticks: { callback: (value) => page.duration(value), color: page.colour("--soft") },
            afterBuildTicks: page.logTicks,
            afterFit: page.fixedWidth,
          },
        },
        plugins: { legend: { display: false }, tooltip: { enabled: false }, squallBands: { bands: options.bands || [], shade: false } },
      },
      plugins: [page.bandsPlugin, cells, page.cursorPlugin, tip],
    };
  }

  page.heatMap = function (canvas, given) {
    const options = Object.assign({ bands: [] }, given);
    const config = configure(options);
    // The plug-ins ask for it while the chart is being made.
    let chart = null;
    config.plugins.unshift({
      id: "squallHeatOptions",
      install: (one) => {
        one.squallHeat = options;
      },
    });
    chart = new Chart(canvas, config);
    function redraw() {
      chart.config.options = configure(options).options;
      chart.update("none");
      drawLegend(options);
    }
    drawLegend(options);
    const self = {
      chart,
      followsTime: true,
      drawCursor: () => chart.draw(),
      retheme: redraw,
      setColumns(columns) {
        options.columns = columns;
        redraw();
      },
      setData(data) {
        Object.assign(options, data);
        redraw();
      },
      setSpan(from, to) {
        Object.assign(options, { from, to });
        redraw();
      },
      setBands(bands) {
        options.bands = bands;
        redraw();
        page.makeRoom(chart, bands);
      },
    };
    page.makeRoom(chart, options.bands);
    page.charts.add(self);
    return self;
  };
})(window.squallPage);
