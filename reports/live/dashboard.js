// The page of a run that goes on: draws what /events tells (reports/live/run_stream.hpp says what).
"use strict";
(function (page) {
  const $ = (id) => document.getElementById(id);
  const mostHeatColumns = 600;
  const redrawEvery = 250; // ms
  const errorColours = ["--red", "--orange", "--purple", "--yellow", "--sky", "--grey"];

  let run = null; // what `begin` told
  let columns = [];
  let charts = null;
  let drawn = true;

  function span() {
    const last = columns.length ? columns[columns.length - 1] : null;
    const seen = last ? last.t + last.width : 1;
    // A run that ends by its iterations has no length worth an axis.
    const planned = run.duration_s <= 6 * 3600 ? run.duration_s : 0;
    return { from: columns.length ? Math.min(columns[0].t, -run.warmup_s) : -run.warmup_s, to: Math.max(planned, seen) };
  }

  // Charts draw through the middle of seconds; a wide column stands at its own middle.
  const times = () => columns.map((column) => column.t + (column.width - 1) / 2);
  const perSecond = (key) => columns.map((column) => column[key] / column.width);

  function errorClasses() {
    const names = new Set();
    for (const column of columns) for (const name of Object.keys(column.errors)) names.add(name);
    return [...names].sort();
  }

  function errorSeries() {
    return errorClasses().map((name, i) => ({
      label: name,
      colour: errorColours[i % errorColours.length],
      data: columns.map((column) => (column.errors[name] || 0) / column.width),
      fill: true,
      stack: "errors",
    }));
  }

  // Columns of one width and rows from the fastest to the slowest that there were.
  function heatData() {
    const { from, to } = span();
    const width = Math.max(1, Math.ceil((to - from) / mostHeatColumns));
    const rows = run.edges.length;
    const start = Math.floor(from);
    const dense = [];
    let lowest = rows;
    let highest = -1;
    let never = false;
    for (const column of columns) {
      for (let j = 1; j < column.heat.length; ++j) {
        const row = column.heat[0] + j - 1;
        if (!column.heat[j]) continue;
        if (row === rows - 1) {
          never = true;
        } else {
          lowest = Math.min(lowest, row);
          highest = Math.max(highest, row);
        }
        // A wide column is spread evenly over its seconds.
        for (let second = 0; second < column.width; ++second) {
          const at = Math.floor((column.t + second - start) / width);
          dense[at] = dense[at] || new Array(rows).fill(0);
          dense[at][row] += column.heat[j] / column.width;
        }
      }
    }
    if (highest < 0) {
      lowest = highest = 0;
    }
    const edges = run.edges.slice(lowest, highest + 2);
    if (never) edges.push(edges[edges.length - 1] * 1.6);
    const made = [];
    for (let i = 0; i < dense.length; ++i) {
      if (!dense[i]) {
        made.push([]);
        continue;
      }
      const counts = dense[i].slice(lowest, highest + 1);
      if (never) counts.push(dense[i][rows - 1]);
      made.push([0, ...counts.map((count) => Math.ceil(count))]);
    }
    return { start, width, edges, never, columns: made };
  }

  function makeCharts() {
    const at = span();
    const common = { ...at, t: [], width: 1, bands: run.bands };
    charts = {
      rates: page.timeChart($("rates"), {
        ...common,
        format: page.rate,
        series: [
          { label: "due", colour: "--grey", data: [], dash: [4, 3] },
          { label: "started", colour: "--blue", data: [] },
          { label: "acked", colour: "--green", data: [] },
        ],
      }),
      percentiles: page.timeChart($("percentiles"), {
        ...common,
        format: page.duration,
        series: [
          { label: "p50", colour: "--green", data: [] },
          { label: "p90", colour: "--blue", data: [] },
          { label: "p99", colour: "--orange", data: [] },
        ],
      }),
      errors: page.timeChart($("errors"), { ...common, format: page.rate, stacked: true, series: [] }),
      heat: page.heatMap($("heat"), {
        ...at,
        bands: run.bands,
        start: 0,
        width: 1,
        edges: [1, 10],
        never: false,
        columns: [],
        legend: $("heat-scale"),
        tip: $("heat-tip"),
      }),
    };
    $("percentiles-log").addEventListener("change", (event) => charts.percentiles.setLog(event.target.checked));
  }

  function tile(id, text) {
    $(id).textContent = text;
  }

  function drawTiles() {
    const last = columns[columns.length - 1];
    if (!last) return;
    tile("started", page.rate(last.started / last.width));
    tile("acked", page.rate(last.acked / last.width));
    tile("p50", page.duration(last.p50));
    tile("p99", page.duration(last.p99));
    tile("in-flight", page.count(last.in_flight));
    tile("connections", page.count(last.connections));
    let errors = 0;
    const fired = run.faults.map(() => 0);
    for (const column of columns) {
      for (const count of Object.values(column.errors)) errors += count;
      column.fired.forEach((count, i) => (fired[i] += count));
    }
    tile("error-count", page.count(errors));
    $("error-count").parentElement.classList.toggle("bad", errors > 0);
    $("faults").replaceChildren(
      ...run.faults.map((name, i) => {
        const item = document.createElement("li");
        item.textContent = name + ": " + page.count(fired[i]) + " fired";
        return item;
      }),
    );
  }

  function draw() {
    drawn = true;
    if (!run) return;
    if (!charts) makeCharts();
    const { from, to } = span();
    for (const chart of Object.values(charts)) {
      chart.setBands(run.bands);
      chart.setSpan(from, to);
    }
    charts.rates.setData(times(), [perSecond("due"), perSecond("started"), perSecond("acked")]);
    charts.percentiles.setData(times(), ["p50", "p90", "p99"].map((key) => columns.map((column) => column[key])));
    charts.errors.setView(times(), 1, errorSeries());
    charts.heat.setData(heatData());
    drawTiles();
    document.documentElement.dataset.columns = String(columns.length);
  }

  function drawSoon() {
    if (!drawn) return;
    drawn = false;
    setTimeout(draw, redrawEvery);
  }

  const tones = { pass: "pass", fail: "fail", invalid: "doubt", inconclusive: "doubt" };

  const take = {
    begin(data) {
      run = data;
      columns = [];
      delete document.documentElement.dataset.verdict;
      document.title = "squall: " + data.plan;
      $("plan").textContent = data.plan;
      $("seed").textContent = "seed " + data.seed + ", run id " + data.run_id;
      $("events").replaceChildren();
      $("reasons").replaceChildren();
      $("verdict").className = "verdict";
      $("stamp").className = "stamp note";
      $("stamp").textContent = "RUNNING";
    },
    // One that is coarser takes the place of what it holds.
    column(data) {
      while (columns.length && columns[columns.length - 1].t >= data.t) columns.pop();
      columns.push(data);
    },
    stage(data) {
      $("stage").textContent = data.text;
    },
    event(data) {
      const item = document.createElement("li");
      item.textContent = page.instant(data.t) + " " + data.kind + ": " + data.text;
      $("events").prepend(item);
      while ($("events").children.length > 500) $("events").lastChild.remove();
    },
    end(data) {
      const tone = tones[data.verdict] || "note";
      $("verdict").className = "verdict " + tone;
      $("stamp").className = "stamp " + tone;
      $("stamp").textContent = data.verdict.toUpperCase() + " (exit " + data.exit_code + ")";
      $("stage").textContent = "the run is over";
      $("reasons").replaceChildren(
        ...data.reasons.map((reason) => {
          const item = document.createElement("li");
          item.textContent = reason;
          return item;
        }),
      );
      document.documentElement.dataset.verdict = data.verdict;
    },
  };

  const source = new EventSource("/events");
  source.onopen = () => ($("link").textContent = "live");
  source.onerror = () => {
    const over = document.documentElement.dataset.verdict;
    $("link").textContent = over ? "the run is over" : "connection lost, trying again";
    if (over) source.close(); // squall has ended: nobody will answer
  };
  for (const [type, act] of Object.entries(take)) {
    source.addEventListener(type, (message) => {
      act(JSON.parse(message.data));
      drawSoon();
    });
  }
  page.themeButton($("theme"));
})(window.squallPage);
