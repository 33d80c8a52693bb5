(function () {
  'use strict';
  const paper = 660;
  const style = getComputedStyle(document.documentElement);
  const charts = [];

  // Colors are names of variables of the style sheet, which change with the scheme.
  function color(value) {
    if (Array.isArray(value)) return value.map(color);
    return typeof value === 'string' && value.startsWith('--') ? style.getPropertyValue(value).trim() : value;
  }

  function paint(value, key) {
    if (key && key.endsWith('color')) return color(value);
    if (Array.isArray(value)) return value.map(entry => paint(entry));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, paint(entry, name)]));
  }

  function axis(own) {
    const title = own && own.title ? { ...own.title, standoff: 12 } : undefined;
    return { automargin: true, fixedrange: true, gridcolor: '--line', zerolinecolor: '--line', linecolor: '--line', ...own, title };
  }

  function layout(own) {
    return {
      paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)', font: { color: '--ink', family: 'system-ui, sans-serif', size: 13 },
      margin: { l: 10, r: 24, t: 24, b: 10 }, hovermode: 'closest', dragmode: false,
      hoverlabel: { bgcolor: '--surface', bordercolor: '--muted', font: { color: '--ink' } },
      legend: { orientation: 'h', y: 1.02, yanchor: 'bottom', x: 0 },
      ...own, xaxis: axis(own.xaxis), yaxis: axis(own.yaxis),
    };
  }

  function draw(chart) {
    const view = chart.views[chart.shown];
    return Plotly.react(chart.place, paint(view.Traces), paint(layout(view.Layout)), { displayModeBar: false, responsive: true });
  }

  function choose(chart) {
    const label = document.createElement('label');
    const select = document.createElement('select');
    chart.views.forEach((view, index) => select.append(new Option(view.Name, index)));
    select.addEventListener('change', () => { chart.shown = Number(select.value); draw(chart); });
    label.append('Show', select);
    chart.place.before(label);
  }

  for (const place of document.querySelectorAll('.chart')) {
    const chart = { place, views: JSON.parse(place.nextElementSibling.textContent), shown: 0 };
    charts.push(chart);
    if (chart.views.length > 1) choose(chart);
  }
  // One at a time, so that the page answers meanwhile.
  (function next(index) {
    if (index === charts.length) {
      document.documentElement.dataset.charts = 'done';
      return;
    }
    draw(charts[index]);
    setTimeout(() => next(index + 1));
  })(0);

  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => charts.forEach(draw));
  addEventListener('beforeprint', () => charts.forEach(chart => Plotly.relayout(chart.place, { width: paper })));
  addEventListener('afterprint', () => charts.forEach(chart => Plotly.relayout(chart.place, { width: null, autosize: true })));
})();
