using Spectre.Console;

namespace MLNetRecExt.Tool;

/// <summary>Tables as the tool prints them: a line under the heads, numbers to the right.</summary>
internal static class Columns
{
    /// <summary>A table without rows.</summary>
    /// <param name="heads">A head for each column; what begins with <c>&gt;</c> is a column of numbers.</param>
    public static Table Of(params string[] heads)
    {
        var table = new Table().Border(TableBorder.Simple).SafeBorder();
        foreach (var head in heads)
        {
            var isNumber = head.StartsWith('>');
            var column = new TableColumn(new Text(isNumber ? head[1..] : head));
            table.AddColumn(isNumber ? column.RightAligned().NoWrap() : column);
        }
        return table;
    }

    /// <summary>Names with what belongs to each, without heads.</summary>
    public static Grid Pairs(params (string Name, string Value)[] pairs)
    {
        var grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();
        foreach (var (name, value) in pairs)
            grid.AddRow(new Text(name, new Style(decoration: Decoration.Dim)), new Text(value));
        return grid;
    }

    public static Table Row(this Table table, params string[] cells) => table.AddRow(cells.Select(cell => new Text(cell)));
}
