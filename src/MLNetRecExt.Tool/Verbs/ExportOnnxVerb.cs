using System.CommandLine;
using Microsoft.ML;

namespace MLNetRecExt.Tool.Verbs;

/// <summary>Writes a model as an ONNX graph.</summary>
internal sealed class ExportOnnxVerb : ModelVerb
{
    private readonly Option<string> _to = new("--to") { Description = "The file.", DefaultValueFactory = _ => "recommender.onnx" };
    private readonly Option<OnnxForm> _form = new("--form") { Description = "What the graph takes and gives." };
    private readonly Option<int> _count = new("--count", "-n") { Description = "Length of the lists.", DefaultValueFactory = _ => 10 };

    public ExportOnnxVerb()
        : base("onnx", "Write a model of embeddings as an ONNX graph: ids in, ids and scores out.",
            "mlrec export onnx wals.model", "mlrec export onnx wals.model --form ItemEmbedding --to items.onnx")
    {
        Add(_to);
        Add(_form);
        Add(_count);
    }

    protected override Task<Answer> AnswerAsync(RecommenderModel model, ParseResult arguments, CancellationToken cancellation)
    {
        var (path, form) = (arguments.GetValue(_to)!, arguments.GetValue(_form));
        ExportVectorsVerb.Embeddings(model).SaveAsOnnx(path, form, new() { NumberOfItems = arguments.GetValue(_count) });
        var size = new FileInfo(path).Length;
        return Task.FromResult(new Answer(
            FormattableString.Invariant($"{path} is an ONNX graph of form {form}, {size / 1e6:0.0} MB."),
            new { File = path, Form = form, Bytes = size }));
    }
}
