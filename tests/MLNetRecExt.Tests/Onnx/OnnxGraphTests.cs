namespace MLNetRecExt.Tests.Onnx;

public sealed class OnnxGraphTests
{
    public static TheoryData<string> Parts => ["numbers", "texts", "table", "integers of a node", "texts of a node"];

    [Theory]
    [InlineData(5_400_000, 100)]
    [InlineData(536_608_768, 1)]
    [InlineData(16_777_215, 128)]
    public void Table_LargerThanAFile_IsRefusedBeforeItIsMade(int rows, int columns)
    {
        var graph = new OnnxGraph("Graph");
        var before = GC.GetAllocatedBytesForCurrentThread();

        var error = Assert.Throws<NotSupportedException>(() => graph.Table("/Table", rows, columns, (_, _) => Assert.Fail("Nothing is to be filled.")));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        Assert.Empty(graph.Proto.Initializer);
        foreach (var part in new[] { "2 GB", nameof(OnnxForm.UserEmbedding), nameof(OnnxForm.HistoryEmbedding), nameof(OnnxForm.ItemEmbedding), "a smaller rank" })
            Assert.Contains(part, error.Message);
    }

    [Theory, MemberData(nameof(Parts))]
    public void Constant_WhereTheFileIsFull_IsRefused(string what)
    {
        Add(new OnnxGraph("Graph"), what);
        var full = new OnnxGraph("Graph");
        full.Claim(OnnxGraph.MaxBytes);

        Assert.Throws<NotSupportedException>(() => Add(full, what));
    }

    /// <summary>Nodes, names and shapes apart, for which the limit leaves a megabyte.</summary>
    [Theory, MemberData(nameof(Parts))]
    public void Claim_WhatConstantsHave_IsWhatTheFileHasOfThem(string what)
    {
        var graph = new OnnxGraph("Graph");
        Add(graph, what, 10_000);
        var size = graph.Proto.CalculateSize();

        Assert.True(size > 10_000);
        Assert.Throws<NotSupportedException>(() => graph.Claim(OnnxGraph.MaxBytes - (size - 200)));
    }

    private static void Add(OnnxGraph graph, string what, int count = 1)
    {
        var numbers = Enumerable.Range(0, count);
        var texts = numbers.Select(number => number % 3 == 0 ? "" : new string('ü', number % 100));
        switch (what)
        {
            case "numbers":
                graph.Constant(numbers.Select(number => (long)number).ToArray(), count);
                break;
            case "texts":
                graph.Constant("/Texts", texts, count);
                break;
            case "table":
                graph.Table("/Table", count, 3, (row, values) => values.Fill(row));
                break;
            case "integers of a node":
                graph.Node("LabelEncoder", ["/Input"], graph.Attribute("keys_int64s", numbers.Select(number => number * 1_000_000_007L)));
                break;
            default:
                graph.Node("LabelEncoder", ["/Input"], graph.Attribute("keys_strings", texts));
                break;
        }
    }
}
