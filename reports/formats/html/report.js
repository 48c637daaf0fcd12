// report.html: draws the page's data, and makes tables sort, commands copy and filters choose.
// Text of plans and targets goes through textContent alone.
"use strict";
(function (page) {
  const $ = (id) => document.getElementById(id);
  const data = JSON.parse($("data").textContent);
  document.documentElement.classList.add("scripted");
  page.themeButton($("theme"));

  function series() {
    const all = data.series;
    const t = all.due.map((_, i) => all.first_second + i * all.width);
    const perSecond = (sums) => sums.map((sum, i) => (sum === null ? null : sum / all.seconds[i]));
    // A record may begin with a second in which nothing happened yet.
    const idle = (i) => !all.due[i] && !all.acked[i] && all.max[i] === null;
    const first = Math.max(0, t.findIndex((_, i) => !idle(i)));
    return { ...all, t, perSecond, from: t[first], to: all.first_second + t.length * all.width };
  }

  const percentileSeries = (percentiles) => [
    { label: "p50", colour: "--green", data: percentiles.p50 },
    { label: "p90", colour: "--blue", data: percentiles.p90 },
    { label: "p99", colour: "--purple", data: percentiles.p99 },
    ...(percentiles.max ? [{ label: "max", colour: "--grey", data: percentiles.max, dash: [3, 3] }] : []),
  ];

  function throughputSeries(all) {
    const colours = ["--red", "--orange", "--purple", "--yellow", "--sky", "--grey", "--green"];
    // Beneath the areas nothing would be seen of the line, so it comes first.
    return [
      { label: "arrivals due", colour: "--text", data: all.perSecond(all.due), dash: [5, 4], stack: "offered" },
      { label: "acknowledged", colour: "--blue", data: all.perSecond(all.acked), fill: "origin", stack: "done" },
      ...Object.entries(all.failures).map(([name, sums], i) => ({
        label: name,
        colour: colours[i % colours.length],
        data: all.perSecond(sums),
        fill: "-1",
        stack: "done",
      })),
    ];
  }

  // The groups of the map, or the curves, that the filters choose.
  function chosen() {
    return { step: $("filter-step").value, exposure: $("filter-exposure").value };
  }
  function heatColumns({ step, exposure }) {
    const groups = data.heat.groups.filter(
      (group) => (step === "all" || group.step === Number(step)) && (exposure === "all" || group.exposure === exposure),
    );
    const empty = data.heat.groups.length ? data.heat.groups[0].columns.map(() => []) : [];
    return groups.length ? page.mergeColumns(groups.map((group) => group.columns)) : empty;
  }
  function curvesOf({ step, exposure }) {
    const styles = { clean: { colour: "--blue", dash: [] }, faulted: { colour: "--orange", dash: [6, 3] } };
    return data.curves
      .filter((curve) => curve.step === (step === "all" ? -1 : Number(step)) && (exposure === "all" || curve.exposure === exposure))
      .map((curve) => ({ label: `${curve.exposure} (${curve.operations} operations)`, ...styles[curve.exposure], points: curve.points }));
  }
  function percentilesOf(columns) {
    const of = (share) => columns.map((column) => page.columnPercentile(column, data.heat.edges, share, data.heat.never));
    return { p50: of(0.5), p90: of(0.9), p99: of(0.99) };
  }

  function fillFilters() {
    data.steps.forEach((name, i) => {
      const option = document.createElement("option");
      option.value = String(i);
      option.textContent = name;
      $("filter-step").append(option);
    });
    const exposures = new Set(data.curves.map((curve) => curve.exposure));
    for (const option of [...$("filter-exposure").options]) {
      if (option.value !== "all" && !exposures.has(option.value)) option.remove();
    }
    const nothingToChoose = data.steps.length < 2 && exposures.size < 2;
    if (nothingToChoose) $("filters").remove();
    return !nothingToChoose;
  }

  function drawTimeCharts() {
    const all = series();
    const span = { from: all.from, to: all.to, t: all.t, width: all.width, bands: data.bands };
    const percentiles = page.timeChart($("percentiles"), { ...span, series: percentileSeries(all), format: page.duration });
    $("percentiles-log").addEventListener("change", (event) => percentiles.setLog(event.target.checked));
    page.timeChart($("throughput"), { ...span, series: throughputSeries(all), format: page.rate, stacked: true });
    const heat = $("heat")
      ? page.heatMap($("heat"), {
          ...data.heat,
          from: all.from,
          to: all.to,
          columns: heatColumns({ step: "all", exposure: "all" }),
          bands: data.bands,
          legend: $("heat-scale"),
          tip: $("heat-tip"),
        })
      : null;
    const curve = page.curveChart($("curve"), { curves: curvesOf({ step: "all", exposure: "all" }) });
    $("curve-log").addEventListener("change", (event) => curve.setLog(event.target.checked));
    if (!fillFilters()) return;

    function filter() {
      const choice = chosen();
      curve.setCurves(curvesOf(choice));
      if (!heat) return;
      const columns = heatColumns(choice);
      heat.setColumns(columns);
      const whole = choice.step === "all" && choice.exposure === "all";
      const t = whole ? all.t : columns.map((_, i) => data.heat.start + i * data.heat.width);
      percentiles.setView(t, whole ? all.width : data.heat.width, percentileSeries(whole ? all : percentilesOf(columns)));
      $("percentiles-note").textContent = whole ? "" : `Filtered: read off the map below, within ${data.heat.row_percent}%.`;
    }
    $("filter-step").addEventListener("change", filter);
    $("filter-exposure").addEventListener("change", filter);
    if (!heat) $("filters").lastElementChild.textContent = "for the curve";
  }

  function sortTable(table, column, head) {
    const body = table.tBodies[0];
    const rising = head.getAttribute("aria-sort") !== "ascending";
    for (const other of table.querySelectorAll("th")) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", rising ? "ascending" : "descending");
    // A row that belongs to the one above stays below it.
    const groups = [];
    for (const row of [...body.rows]) {
      if (row.classList.contains("part") && groups.length) groups[groups.length - 1].push(row);
      else groups.push([row]);
    }
    const key = (row) => {
      const cell = row.cells[column];
      const text = cell.dataset.sort === undefined ? cell.textContent : cell.dataset.sort;
      return text !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
    };
    groups.sort(([a], [b]) => {
      const [x, y] = [key(a), key(b)];
      const order = typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y));
      return rising ? order : -order;
    });
    for (const group of groups) body.append(...group);
  }

  function makeSortable() {
    for (const table of document.querySelectorAll("table")) {
      if (table.tBodies[0].rows.length < 2) continue;
      table.querySelectorAll("th").forEach((head, column) => {
        if (!head.textContent) return;
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = head.textContent;
        button.addEventListener("click", () => sortTable(table, column, head));
        head.replaceChildren(button);
      });
    }
  }

  // The clipboard of pages that are opened as files is closed to some browsers; selecting the text
  // is what is left then.
  async function copy(block, button) {
    try {
      await navigator.clipboard.writeText(block.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(block);
      button.textContent = document.execCommand("copy") ? "Copied" : "Selected";
    }
    setTimeout(() => (button.textContent = "Copy"), 1500);
  }

  function addCopyButtons() {
    for (const box of document.querySelectorAll(".copied")) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = "Copy";
      button.addEventListener("click", () => copy(box.querySelector("pre"), button));
      box.append(button);
    }
  }

  makeSortable();
  addCopyButtons();
  if ($("percentiles") && data.series) drawTimeCharts();
  if ($("capacity-chart")) page.capacityChart($("capacity-chart"), data.capacity);
})(window.squallPage);
