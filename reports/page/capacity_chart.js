// Load against response: what `squall find` tried.
//   squallPage.capacityChart(canvas, {
//     stages: [{rate, p50, p99, verdict}],   per second, us; by rising rate
//     capacity: rate or 0, upper: rate or 0})
"use strict";
(function (page) {
  const shapes = { pass: "circle", fail: "crossRot", invalid: "triangle", inconclusive: "rectRot" };
  const colours = { pass: "--blue", fail: "--red", invalid: "--orange", inconclusive: "--grey" };

  const knee = {
    id: "squallKnee",
    beforeDatasetsDraw(chart, _args, options) {
      if (!options.rate) return;
      const x = chart.scales.x.getPixelForValue(options.rate);
      const { top, bottom, left, right } = chart.chartArea;
      const context = chart.ctx;
      context.save();
      if (options.upper) {
        context.fillStyle = page.faint("--red", 0.08);
        const tooMuch = chart.scales.x.getPixelForValue(options.upper);
        context.fillRect(tooMuch, top, right - tooMuch, bottom - top);
      }
      context.strokeStyle = page.colour("--green");
      context.lineWidth = 2;
      context.setLineDash([6, 4]);
      context.beginPath();
      context.moveTo(x, top);
      context.lineTo(x, bottom);
      context.stroke();
      const text = "capacity " + page.rate(options.rate);
      context.font = "12px system-ui, sans-serif";
      context.fillStyle = page.colour("--text");
      const width = context.measureText(text).width;
      context.fillText(text, Math.min(right - width, Math.max(left, x - width / 2)), top - 8);
      context.restore();
    },
  };

  function line(options, label, key, colour, dash) {
    return {
      label,
      data: options.stages.map((stage) => ({ x: stage.rate, y: stage[key], stage })),
      borderColor: page.colour(colour),
      backgroundColor: page.colour(colour),
      borderDash: dash,
      borderWidth: 1.5,
      pointRadius: 5,
      pointBorderWidth: 2,
      pointStyle: options.stages.map((stage) => shapes[stage.verdict]),
      pointBorderColor: options.stages.map((stage) => page.colour(colours[stage.verdict])),
      pointBackgroundColor: options.stages.map((stage) => page.colour(colours[stage.verdict])),
    };
  }

  function configure(options) {
    return {
      type: "line",
      data: { datasets: [line(options, "p99", "p99", "--blue", []), line(options, "p50", "p50", "--grey", [4, 3])] },
      options: {
        parsing: false,
        responsive: true,
        maintainAspectRatio: false,
        layout: { padding: { top: 26, right: 16, bottom: 0, left: 0 } },
        scales: {
          x: { type: "linear", beginAtZero: true, grid: { display: false }, title: { display: true, text: "arrivals per second" }, ticks: { callback: (value) => page.count(value), maxRotation: 0 } },
          y: { type: "logarithmic", grid: { color: page.colour("--line") }, ticks: { callback: (value) => page.duration(value) }, afterBuildTicks: page.logTicks, afterFit: page.fixedWidth },
        },
        plugins: {
          squallKnee: { rate: options.capacity, upper: options.upper },
          legend: { position: "bottom", labels: { boxWidth: 24, boxHeight: 1 } },
          tooltip: {
            callbacks: {
              title: (items) => (items.length ? page.rate(items[0].parsed.x) : ""),
              label: (item) => `${item.dataset.label}: ${page.duration(item.parsed.y)}, ${item.raw.stage.verdict}`,
            },
          },
        },
      },
      plugins: [knee],
    };
  }

  page.capacityChart = function (canvas, options) {
    const chart = new Chart(canvas, configure(options));
    const self = {
      chart,
      retheme() {
        const next = configure(options);
        chart.config.options = next.options;
        chart.data.datasets = next.data.datasets;
        chart.update("none");
      },
    };
    page.charts.add(self);
    return self;
  };
})(window.squallPage);
