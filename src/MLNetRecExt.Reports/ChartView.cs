namespace MLNetRecExt.Reports;

/// <summary>What a chart shows when it is chosen: traces and layout as Plotly has them. A color is the name of a variable of the style
/// sheet.</summary>
internal sealed record ChartView(string Name, IReadOnlyList<object> Traces, object Layout);
