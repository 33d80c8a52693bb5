using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt.Fuzz;

/// <summary>Exported graphs, half damaged, half with right checksums: each is refused by an <see cref="InvalidDataException"/>, or answers
/// rows; a damaged one that is not refused is the same.</summary>
internal sealed class OnnxCampaign : ICampaign
{
    private const int Variants = 8;

    private static readonly string[] Kinds = ["StockMatrixFactorization", "SgdMatrixFactorization", "Wals", "SoftmaxDnn"];

    private readonly MLContext _ml = new(1);
    private readonly Dictionary<(string, int, OnnxForm), (FactorModel, byte[])> _samples = [];
    private readonly string _path = Path.GetTempFileName();

    // A changed graph is a program that ONNX Runtime runs: it may ask for tensors of any size.
    public bool MayTakeLong { get; private set; }

    public string Try(Random random, int index)
    {
        var (model, file) = Pick(random);
        var other = Pick(random).File;
        var (body, otherBody) = (SealedGraph.Body(file), SealedGraph.Body(other));
        var isHostile = random.Next(2) == 0;
        MayTakeLong = isHostile;
        var bytes = !isHostile ? Mutation.Damage(file, other, random)
            : SealedGraph.Seal(random.Next(2) == 0 ? Overwritten(body, random) : Mutation.Damage(body, otherBody, random));
        File.WriteAllBytes(_path, bytes);
        OnnxRecommenderTransformer transformer;
        try
        {
            transformer = new OnnxRecommenderTransformer(_path, batchSize: 64, numberOfThreads: 1);
        }
        catch (Exception e)
        {
            FuzzFailureException.Unless(e, "at load", typeof(InvalidDataException));
            return "refused";
        }
        using (transformer)
        {
            if (!isHostile)
            {
                FuzzFailureException.Unless(bytes.AsSpan().SequenceEqual(file) || bytes.AsSpan().SequenceEqual(other),
                    "damage not seen", () => "a damaged graph was loaded");
                return "the same";
            }
            return Answer(transformer, model);
        }
    }

    /// <summary>Graphs hold lengths: where none changes, more of them are read.</summary>
    private static byte[] Overwritten(byte[] body, Random random)
    {
        for (int change = random.Next(1, 4); change > 0; change--)
            Mutation.WriteWild(body.AsSpan(random.Next(body.Length - 8), 1 << random.Next(4)), random);
        return body;
    }

    private (FactorModel Model, byte[] File) Pick(Random random)
    {
        while (true)
        {
            var key = (Kinds[random.Next(Kinds.Length)], random.Next(Variants), (OnnxForm)random.Next(Enum.GetValues<OnnxForm>().Length));
            if (!_samples.TryGetValue(key, out var sample))
                _samples[key] = sample = Make(key);
            // A model that does not fold in has no graph that does.
            if (sample.Item2.Length > 0)
                return sample;
        }
    }

    private (FactorModel, byte[]) Make((string Kind, int Variant, OnnxForm Form) key)
    {
        var model = (FactorModel)SampleModels.Make(key.Kind, key.Variant);
        try
        {
            model.SaveAsOnnx(_path, key.Form, new OnnxExportOptions { NumberOfItems = 3 });
            return (model, File.ReadAllBytes(_path));
        }
        catch (NotSupportedException)
        {
            return (model, []);
        }
    }

    /// <summary>Has a graph answer rows, if they have the columns that it reads.</summary>
    private string Answer(OnnxRecommenderTransformer transformer, FactorModel model)
    {
        var rows = model.Users.Kind == DataKind.String
            ? model.Items.Kind == DataKind.String ? Rows(Text, Text) : Rows(Text, Number)
            : model.Items.Kind == DataKind.String ? Rows(Number, Text) : Rows(Number, Number);
        try
        {
            var preview = transformer.Transform(rows).Preview();
            return preview.RowView.Length > 0 ? "answers" : "no rows";
        }
        catch (Exception e)
        {
            // Columns may be others now, which rows without them cannot have.
            FuzzFailureException.Unless(e, "at use", typeof(InvalidDataException), typeof(ArgumentException));
            return "no answer";
        }

        IDataView Rows<TUser, TItem>(Func<IdMap, int, TUser> user, Func<IdMap, int, TItem> item) => _ml.Data.LoadFromEnumerable(
            Enumerable.Range(0, 3).Select(row => new OnnxRow<TUser, TItem>
            {
                User = user(model.Users, row),
                Item = item(model.Items, row),
                History = [.. Enumerable.Range(0, row).Select(taken => item(model.Items, taken))],
            }).ToArray());

        static string Text(IdMap ids, int index) => index < ids.Count ? ids.GetText(index) : "nobody";
        static long Number(IdMap ids, int index) => index < ids.Count ? long.Parse(ids.GetText(index), CultureInfo.InvariantCulture) : -77;
    }
}
