// Pictures of sums over time: the server sends numbers and words, how they are drawn is said here; a table beside says the same.
'use strict';

(() => {
  const { say, json } = Gis;
  const colours = ['#1a5fd0', '#18a2a8', '#e0912f', '#7a5cd6', '#c44d6a', '#5b7a9d'];
  const ink = getComputedStyle(document.documentElement).getPropertyValue('--ink-2').trim();
  const line = getComputedStyle(document.documentElement).getPropertyValue('--line').trim();
  const still = window.matchMedia('(prefers-reduced-motion: reduce)').matches;

  /** A sum stands until it changes: what has happened ends today. */
  function points(each, today) {
    const known = each.points.map(([day, sum]) => [day, Number(sum)]);
    if (!known.length) return [];
    const [day, sum] = known[known.length - 1];
    return each.dashed || day >= today ? known : [...known, [today, sum]];
  }

  /** Months mark the axis of a year, days that of a quarter. */
  function marks(lines) {
    const days = lines.flatMap((each) => each.points.map(([day]) => Date.parse(day)));
    return Math.max(...days) - Math.min(...days) > 100 * 24 * 3600 * 1000 ? '{yyyy}-{MM}' : '{MM}-{dd}';
  }

  function drawing({ unit, today, today_label: todayLabel, lines }) {
    return {
      animation: !still,
      aria: { enabled: true },
      color: colours,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: ink },
      legend: { left: 0, top: 0, itemWidth: 18, itemHeight: 3, icon: 'rect', data: lines.map(({ name }) => name), textStyle: { color: ink } },
      grid: { left: 8, right: 24, top: 56, bottom: 8, containLabel: true },
      tooltip: { trigger: 'axis', renderMode: 'richText', confine: true },
      xAxis: { type: 'time', axisLine: { lineStyle: { color: line } }, axisLabel: { color: ink, hideOverlap: true, formatter: marks(lines) } },
      yAxis: { type: 'value', name: unit, nameTextStyle: { color: ink, align: 'left' }, axisLabel: { color: ink }, splitLine: { lineStyle: { color: line } } },
      series: lines.map((each, index) => ({
        name: each.name,
        type: 'line',
        step: 'end',
        symbol: 'none',
        z: each.dashed ? 3 : 2,
        data: points(each, today),
        lineStyle: { width: 2, type: each.dashed ? 'dashed' : 'solid' },
        ...(index ? {} : { markLine: { symbol: 'none', silent: true, animation: false, label: { formatter: todayLabel, color: ink }, lineStyle: { type: 'dashed', color: ink }, data: [{ xAxis: today }] } }),
      })),
    };
  }

  const root = getComputedStyle(document.documentElement);
  const tones = { red: '--danger', orange: '--orange-500', yellow: '--yellow-500' };
  const toned = ({ tone }) => (tone ? root.getPropertyValue(tones[tone]).trim() : undefined);

  /** Figures by month or by region: bars above each other, lines, or rows of bars. */
  function figures({ kind, unit, names, lines }) {
    const isRows = kind === 'rows';
    const order = (all) => (isRows ? [...all].reverse() : all);
    const words = { type: 'category', data: order(names), axisLine: { lineStyle: { color: line } }, axisTick: { show: false }, axisLabel: { color: ink } };
    const sums = { type: 'value', name: unit, nameTextStyle: { color: ink }, minInterval: isRows ? 1 : 0, axisLabel: { color: ink }, splitLine: { lineStyle: { color: line } } };
    return {
      animation: !still,
      color: colours,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: ink },
      legend: { left: 0, top: 0, itemWidth: 14, itemHeight: 10, data: lines.map(({ name }) => name), textStyle: { color: ink } },
      grid: { left: 8, right: 24, top: 56, bottom: 8, containLabel: true },
      tooltip: { trigger: 'axis', renderMode: 'richText', confine: true },
      xAxis: isRows ? sums : words,
      yAxis: isRows ? words : sums,
      series: lines.map((each) => ({
        name: each.name,
        type: kind === 'lines' ? 'line' : 'bar',
        stack: kind === 'lines' ? undefined : 'all',
        barMaxWidth: 26,
        symbolSize: 6,
        itemStyle: { color: toned(each) },
        lineStyle: { width: 2, type: each.dashed ? 'dashed' : 'solid' },
        data: order(each.points).map(({ value, url }) => ({ value, url })),
      })),
    };
  }

  document.querySelectorAll('[data-chart]').forEach(async (place) => {
    try {
      const told = await json(place.dataset.chart);
      const chart = echarts.init(place, null, { renderer: 'svg' });
      chart.setOption(told.kind ? figures(told) : drawing(told));
      chart.on('click', ({ data }) => { if (data && data.url) window.location.assign(data.url); });
      new ResizeObserver(() => chart.resize()).observe(place);
      place.dataset.drawn = 'yes';
    } catch (error) {
      place.textContent = say('chartFailed');
      place.classList.add('failed');
    }
  });
})();
