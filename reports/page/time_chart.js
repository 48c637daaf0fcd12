// Lines over time.
//   squallPage.timeChart(canvas, {
//     from, to,                  seconds: what the axis spans
//     t: [seconds], width: 1,    beginning of each column, and how long it is. Lines go through
//                                the middle of the columns; with `stacked` a column is a step
//     series: [{label, colour: "--blue", data: [number or null], dash: [4, 3],
//               fill: true,          or what Chart.js calls it: "origin", "-1" (the series before)
//               stack: "done"}],     with `stacked`: which ones stand on each other
//     bands: [{kind, label, from, to}],
//     format: squallPage.duration, log: false, stacked: false})
// returns {setLog(on), setData(t, [data of each series]), setSpan(from, to), setBands(bands),
// setView(t, width, series)}; each draws anew.
"use strict";
(function (page) {
  function points(options, data) {
    const at = options.stacked ? 0 : options.width / 2;
    const all = options.t.map((t, i) => ({ x: t + at, y: data[i] === undefined ? null : data[i], t }));
    // A step needs an end.
    if (options.stacked && all.length) all.push({ ...all[all.length - 1], x: options.t[all.length - 1] + options.width });
    return all;
  }

  function dataset(options, one, log) {
    const colour = page.colour(one.colour);
    return {
      label: one.label,
      data: points(options, one.data),
      borderColor: colour,
      backgroundColor: one.fill ? page.faint(one.colour, options.stacked ? 0.75 : 0.2) : colour,
      borderDash: one.dash || [],
      borderWidth: one.fill && options.stacked ? 1 : 1.8,
      pointRadius: options.t.length === 1 ? 3 : 0,
      pointHitRadius: 6,
      // Areas end where the axis does: nothing is below zero, and a logarithm has no zero.
      fill: one.fill === true ? (log ? "start" : "origin") : one.fill || false,
      stack: one.stack || one.label,
      pointStyle: one.fill ? "rect" : "line",
      order: one.order || 0,
      tension: 0,
      stepped: Boolean(options.stacked),
    };
  }

  // The highest figure that is one: what was given up must not squeeze the rest.
  function highest(options) {
    let most = 0;
    for (const one of options.series) {
      for (const value of one.data) if (value !== null && value < page.never && value > most) most = value;
    }
    return most;
  }

  function logTicks(scale) {
    const decades = Math.log10(scale.max / scale.min);
    const parts = decades > 4 ? [1] : decades > 1.8 ? [1, 3] : decades > 0.9 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 6, 8];
    const ticks = [];
    for (let power = Math.floor(Math.log10(scale.min)); power <= Math.log10(scale.max); ++power) {
      for (const part of parts) {
        const value = part * 10 ** power;
        if (value >= scale.min && value <= scale.max) ticks.push({ value });
      }
    }
    scale.ticks = ticks;
  }
  page.logTicks = logTicks;

  function valueScale(options) {
    const scale = {
      type: options.log ? "logarithmic" : "linear",
      stacked: Boolean(options.stacked),
      grid: { color: page.colour("--line") },
      ticks: { callback: (value) => options.format(value), color: page.colour("--soft") },
      afterFit: page.fixedWidth,
    };
    const most = highest(options);
    if (options.log) {
      let least = Infinity;
      for (const one of options.series) for (const value of one.data) if (value > 0 && value < least) least = value;
      scale.min = least === Infinity ? 1 : least * 0.8;
      scale.max = Math.max(most * 1.2, scale.min * 10);
      scale.afterBuildTicks = logTicks;
      scale.ticks.autoSkip = true;
    } else {
      scale.beginAtZero = true;
      scale.ticks.maxTicksLimit = 7;
      if (!options.stacked && most > 0) scale.suggestedMax = most * 1.05;
      if (options.series.some((one) => one.data.some((value) => value >= page.never))) scale.max = most * 1.05 || 1;
    }
    return scale;
  }

  function configure(options) {
    return {
      type: "line",
      data: { datasets: options.series.map((one) => dataset(options, one, options.log)) },
      options: {
        parsing: false,
        normalized: true,
        responsive: true,
        maintainAspectRatio: false,
        layout: { padding: { top: 6, right: page.rightPadding, bottom: 0, left: 0 } },
        interaction: { mode: "index", intersect: false, axis: "x" },
        scales: { x: page.timeScale(options.from, options.to), y: valueScale(options) },
        plugins: {
          squallBands: { bands: options.bands || [] },
          legend: { position: "bottom", labels: { usePointStyle: true, boxWidth: 22, padding: 12 } },
          tooltip: {
            callbacks: {
              title: (items) => (items.length ? page.instant(items[0].raw.t) : ""),
              label: (item) => item.dataset.label + ": " + options.format(item.parsed.y),
            },
          },
        },
      },
      plugins: [page.bandsPlugin, page.cursorPlugin],
    };
  }

  page.timeChart = function (canvas, given) {
    const options = Object.assign({ width: 1, bands: [], format: page.count, log: false, stacked: false }, given);
    const chart = new Chart(canvas, configure(options));
    function redraw() {
      const next = configure(options);
      const hidden = new Set(chart.data.datasets.filter((_, i) => !chart.isDatasetVisible(i)).map((one) => one.label));
      chart.config.options = next.options;
      chart.data.datasets = next.data.datasets;
      for (const one of chart.data.datasets) one.hidden = hidden.has(one.label);
      chart.update("none");
    }
    const self = {
      chart,
      followsTime: true,
      drawCursor: () => chart.draw(),
      retheme: redraw,
      setLog(on) {
        options.log = on;
        redraw();
      },
      setData(t, data) {
        options.t = t;
        options.series.forEach((one, i) => (one.data = data[i]));
        redraw();
      },
      setView(t, width, series) {
        Object.assign(options, { t, width, series });
        redraw();
      },
      setSpan(from, to) {
        options.from = from;
        options.to = to;
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
