// Percentiles on a scale of nines, as HdrHistogram's plotter has it: each step to the right is ten
// times rarer.
//   squallPage.curveChart(canvas, {
//     curves: [{label, colour, dash, points: [[percentile, us, low us, high us]]}], log: true})
// low and high: the 95% interval. returns {setCurves(curves), setLog(on)}.
"use strict";
(function (page) {
  const nines = (percentile) => -Math.log10(Math.max(1e-9, 1 - percentile / 100));
  const marks = [[0, "0%"], [50, "50%"], [90, "90%"], [99, "99%"], [99.9, "99.9%"], [99.99, "99.99%"], [99.999, "99.999%"], [99.9999, "99.9999%"]];

  function datasets(options) {
    const all = [];
    for (const curve of options.curves) {
      const colour = page.colour(curve.colour);
      const xy = (i) => curve.points.map((point) => ({ x: nines(point[0]), y: point[i] >= page.never ? null : point[i], point }));
      const edge = { borderWidth: 0, pointRadius: 0, pointHitRadius: 0, isInterval: true, backgroundColor: page.faint(curve.colour, 0.16) };
      all.push({ ...edge, label: curve.label + " low", data: xy(2), fill: false });
      all.push({ ...edge, label: curve.label + " high", data: xy(3), fill: "-1" });
      all.push({
        label: curve.label,
        data: xy(1),
        borderColor: colour,
        backgroundColor: colour,
        borderDash: curve.dash || [],
        borderWidth: 2,
        pointRadius: 0,
        pointHitRadius: 8,
        fill: false,
      });
    }
    return all;
  }

  function label(item) {
    const [percentile, us, low, high] = item.raw.point;
    const at = parseFloat(percentile.toPrecision(7));
    if (us >= page.never) return `${item.dataset.label} p${at}: never answered`;
    return `${item.dataset.label} p${at}: ${page.duration(us)} (95%: ${page.duration(low)} to ${page.duration(high)})`;
  }

  function lowest(options) {
    const values = options.curves.flatMap((curve) => curve.points.map((point) => point[2]));
    return values.length ? Math.max(1, Math.min(...values) * 0.9) : 1;
  }

  function configure(options) {
    const last = Math.max(1, ...options.curves.map((curve) => (curve.points.length ? nines(curve.points[curve.points.length - 1][0]) : 0)));
    return {
      type: "line",
      data: { datasets: datasets(options) },
      options: {
        parsing: false,
        responsive: true,
        maintainAspectRatio: false,
        layout: { padding: { top: 6, right: 26, bottom: 0, left: 0 } },
        interaction: { mode: "nearest", intersect: false, axis: "x" },
        scales: {
          x: {
            type: "linear",
            min: 0,
            max: last,
            grid: { color: page.colour("--line") },
            ticks: { autoSkip: false, maxRotation: 0, callback: (value) => (marks.find((mark) => Math.abs(nines(mark[0]) - value) < 1e-6) || ["", ""])[1] },
            afterBuildTicks(scale) {
              // The narrower the screen, the fewer: none over its neighbour.
              const perNine = (scale.chart.width - page.axisWidth - 26) / last;
              let end = -Infinity;
              scale.ticks = [];
              for (const [percentile, text] of marks) {
                const half = 4 * text.length;
                const at = nines(percentile) * perNine;
                if (nines(percentile) > last + 1e-6 || at - half < end) continue;
                end = at + half;
                scale.ticks.push({ value: nines(percentile) });
              }
            },
          },
          y: {
            type: options.log ? "logarithmic" : "linear",
            beginAtZero: !options.log,
            min: options.log ? lowest(options) : undefined,
            grid: { color: page.colour("--line") },
            ticks: { callback: (value) => page.duration(value), color: page.colour("--soft"), maxTicksLimit: 8 },
            afterBuildTicks: options.log ? page.logTicks : undefined,
            afterFit: page.fixedWidth,
          },
        },
        plugins: {
          legend: {
            position: "bottom",
            labels: { usePointStyle: true, pointStyle: "line", boxWidth: 24, padding: 12, filter: (item, data) => !data.datasets[item.datasetIndex].isInterval },
            onClick(_event, item, legend) {
              const chart = legend.chart;
              const visible = chart.isDatasetVisible(item.datasetIndex);
              for (const i of [0, 1, 2]) chart.setDatasetVisibility(item.datasetIndex - i, !visible);
              chart.update("none");
            },
          },
          tooltip: { filter: (item) => !item.dataset.isInterval, callbacks: { title: () => "", label } },
        },
      },
    };
  }

  page.curveChart = function (canvas, given) {
    const options = Object.assign({ log: true }, given);
    const chart = new Chart(canvas, configure(options));
    function redraw() {
      const next = configure(options);
      chart.config.options = next.options;
      chart.data.datasets = next.data.datasets;
      chart.update("none");
    }
    const self = {
      chart,
      retheme: redraw,
      setCurves(curves) {
        options.curves = curves;
        redraw();
      },
      setLog(on) {
        options.log = on;
        redraw();
      },
    };
    page.charts.add(self);
    return self;
  };
})(window.squallPage);
