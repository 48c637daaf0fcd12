// A plug-in of Chart.js for charts over time: what was going on, in lanes above the plot (phases,
// faults, actions, each labelled, none over another) and as shading behind it.
//   options.plugins.squallBands.bands = [{kind, label, from, to}]
// kind: "phase", "fault", "action", "invalid"; from, to: seconds. Equal ones make a single line.
"use strict";
(function (page) {
  const laneHeight = 17;
  const mostLanes = 9;
  const colours = { phase: "--grey", fault: "--orange", action: "--purple", invalid: "--red" };
  const font = "11px " + "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";

  function cut(context, text, width) {
    if (context.measureText(text).width <= width) return text;
    let length = text.length;
    while (length > 1 && context.measureText(text.slice(0, length) + "…").width > width) --length;
    return length > 1 ? text.slice(0, length) + "…" : "";
  }

  // Where each band and its label go: pixels from `left`, and its lane.
  function place(chart, bands, left, right, toPixel) {
    const context = chart.ctx;
    const lanes = [];
    context.save();
    context.font = font;
    const placed = [];
    for (const band of bands) {
      const from = Math.max(left, Math.min(right, toPixel(band.from)));
      const to = Math.max(from, Math.min(right, toPixel(band.to)));
      const mostWidth = Math.min(right - left - 12, 240);
      let text = cut(context, band.label, band.kind === "phase" ? to - from - 8 : mostWidth);
      const width = text ? context.measureText(text).width + 10 : 0;
      const textAt = Math.min(from, Math.max(left, right - width));
      const low = Math.min(from, textAt);
      const high = band.kind === "phase" ? to : Math.max(to, textAt + width) + 3;
      let lane = band.kind === "phase" ? 0 : 1;
      while (lane < mostLanes && lanes[lane] && lanes[lane].some(([a, b]) => low < b - 0.01 && a + 0.01 < high)) ++lane;
      if (lane === mostLanes) continue;
      (lanes[lane] = lanes[lane] || []).push([low, high]);
      placed.push({ band, text, textAt, from, to, lane });
    }
    context.restore();
    // Without phases there is no lane for them.
    const first = lanes[0] ? 0 : 1;
    for (const one of placed) one.lane -= first;
    return { placed, lanes: Math.max(0, lanes.length - first) };
  }

  // Before there is a scale: charts over time begin and end at known pixels.
  function lanesOf(chart, bands) {
    const x = chart.options.scales.x;
    const left = page.axisWidth;
    const right = chart.width - page.rightPadding;
    const perSecond = (right - left) / (x.max - x.min || 1);
    return place(chart, bands, left, right, (t) => left + (t - x.min) * perSecond).lanes;
  }

  // Lanes take no room from the plot: the box of the canvas becomes higher by them.
  page.makeRoom = function (chart, bands) {
    const box = chart.canvas.parentNode;
    box.style.height = "";
    const lanes = lanesOf(chart, bands);
    box.style.height = box.clientHeight + lanes * laneHeight + "px";
    chart.resize();
  };

  const plugin = {
    id: "squallBands",
    beforeLayout(chart, _args, options) {
      const lanes = lanesOf(chart, options.bands || []);
      chart.config.options.layout.padding.top = lanes ? lanes * laneHeight + 6 : 6;
    },
    beforeDatasetsDraw(chart, _args, options) {
      const bands = options.bands || [];
      const { left, right, top, bottom } = chart.chartArea;
      const scale = chart.scales.x;
      const context = chart.ctx;
      const { placed, lanes } = place(chart, bands, left, right, (t) => scale.getPixelForValue(t));
      context.save();
      context.font = font;
      context.textBaseline = "middle";
      const head = top - lanes * laneHeight - 3;
      for (const { band, text, textAt, from, to, lane } of placed) {
        const colour = colours[band.kind];
        const y = head + lane * laneHeight;
        const thin = to - from < 2;
        if (band.kind !== "phase" && !thin && to - from < 0.985 * (right - left)) {
          context.fillStyle = page.faint(colour, options.shade === false ? 0.05 : 0.1);
          context.fillRect(from, top, to - from, bottom - top);
        }
        if (band.kind === "phase" || thin) {
          context.strokeStyle = page.faint(colour, 0.7);
          context.setLineDash(band.kind === "phase" ? [2, 3] : []);
          context.lineWidth = band.kind === "phase" ? 1 : 1.5;
          context.beginPath();
          context.moveTo(from, thin ? y : top);
          context.lineTo(from, bottom);
          context.stroke();
          context.setLineDash([]);
        }
        context.fillStyle = page.faint(colour, band.kind === "phase" ? 0.18 : 0.38);
        context.fillRect(from, y, Math.max(2, to - from - 1), laneHeight - 3);
        context.fillStyle = page.colour("--text");
        context.fillText(text, textAt + 5, y + (laneHeight - 2) / 2);
      }
      context.restore();
    },
  };

  // A line where the pointer is, in all charts of a page at once.
  let pointer = null;
  const cursor = {
    id: "squallCursor",
    afterEvent(chart, args) {
      const event = args.event;
      const inside = args.inChartArea && event.type !== "mouseout";
      const next = inside ? chart.scales.x.getValueForPixel(event.x) : null;
      if (next === pointer) return;
      pointer = next;
      for (const other of page.charts) if (other.followsTime) other.drawCursor();
    },
    afterDraw(chart) {
      const { left, right, top, bottom } = chart.chartArea;
      const x = pointer === null ? -1 : chart.scales.x.getPixelForValue(pointer);
      if (x < left || x > right) return;
      const context = chart.ctx;
      context.save();
      context.strokeStyle = page.faint("--text", 0.35);
      context.beginPath();
      context.moveTo(x, top);
      context.lineTo(x, bottom);
      context.stroke();
      context.restore();
    },
  };

  // Charts over time begin and end at the same pixel, so that they can be read one below another.
  page.axisWidth = 62;
  page.rightPadding = 10;
  page.timeScale = (from, to) => ({
    type: "linear",
    min: from,
    max: to,
    grid: { display: false },
    border: { display: false },
    ticks: { callback: (value) => page.instant(value), maxRotation: 0, autoSkip: false },
    afterBuildTicks(scale) {
      const most = Math.max(2, Math.floor((scale.chart.width - page.axisWidth) / 64));
      scale.ticks = page.timeTicks(scale.min, scale.max, most).map((value) => ({ value }));
    },
  });
  page.fixedWidth = (scale) => {
    scale.width = page.axisWidth;
  };
  Object.assign(page, { bandsPlugin: plugin, cursorPlugin: cursor });
})(window.squallPage);
