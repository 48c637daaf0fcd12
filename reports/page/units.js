// How figures read on pages, the same as in every other format: durations in us, ms, s, m, h with
// three digits.
"use strict";
(function (page) {
  // The highest value that histograms keep, one hour in us: "or more", given up.
  const never = 3.6e9;

  function threeDigits(value) {
    if (value === 0) return "0";
    if (value >= 100) return value.toFixed(0);
    return value.toPrecision(3).replace(/\.?0+$/, "");
  }

  // Microseconds.
  function duration(us) {
    if (us === null || us === undefined) return "n/a";
    if (us >= never) return "never";
    if (us === 0) return "0";
    if (us < 999.5) return threeDigits(us) + "us";
    if (us < 999.5e3) return threeDigits(us / 1e3) + "ms";
    if (us < 120e6) return threeDigits(us / 1e6) + "s";
    return threeDigits(us / 60e6) + "m";
  }

  // Seconds after t = 0, for axes.
  function instant(seconds) {
    const sign = seconds < 0 ? "-" : "";
    const s = Math.abs(seconds);
    if (s < 60) return sign + threeDigits(s) + "s";
    const whole = Math.round(s);
    const h = Math.floor(whole / 3600);
    const m = Math.floor((whole % 3600) / 60);
    const rest = whole % 60;
    return sign + (h ? h + "h" : "") + (m ? m + "m" : "") + (rest ? rest + "s" : "");
  }

  function count(value) {
    if (value === null || value === undefined) return "n/a";
    return value >= 1000 ? Math.round(value).toLocaleString("en-US") : threeDigits(value);
  }

  function rate(perSecond) {
    return perSecond === null || perSecond === undefined ? "n/a" : count(perSecond) + "/s";
  }

  // Instants for an axis from `from` to `to` seconds with at most `most` steps that clocks have.
  function timeTicks(from, to, most) {
    const steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400];
    const step = steps.find((one) => (to - from) / one <= most) || Math.ceil((to - from) / most / 86400) * 86400;
    const ticks = [];
    for (let i = Math.ceil(from / step - 1e-9); i * step <= to + 1e-9; ++i) ticks.push(i * step);
    return ticks;
  }

  Object.assign(page, { never, duration, instant, count, rate, timeTicks });
})((window.squallPage = window.squallPage || {}));
