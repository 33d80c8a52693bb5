using System.CommandLine;

namespace MLNetRecExt.Tool.Verbs;

/// <summary>Writes the embeddings of a model, for search engines and vector databases.</summary>
internal sealed class ExportVectorsVerb : ModelVerb
{
    private const string Items = "items", Users = "users";

    private readonly Option<string> _to = new("--to")
    {
        Description = "The file: .parquet, .csv, .tsv or .jsonl.",
        DefaultValueFactory = _ => "vectors.parquet",
    };

    private readonly Option<string> _of = new("--of") { Description = "Whose vectors.", DefaultValueFactory = _ => Items };

    public ExportVectorsVerb()
        : base("vectors", "Write the embeddings of items or users to a table: id, vector. A score is the dot product of two.",
            "mlrec export vectors wals.model", "mlrec export vectors wals.model --of users --to users.csv")
    {
        _of.AcceptOnlyFromAmong(Items, Users);
        Add(_to);
        Add(_of);
    }

    protected override Task<Answer> AnswerAsync(RecommenderModel model, ParseResult arguments, CancellationToken cancellation)
    {
        var (path, factors) = (arguments.GetValue(_to)!, Embeddings(model));
        TableFile.Check(path);
        var ofItems = arguments.GetValue(_of) == Items;
        var (ids, matrix) = ofItems ? (model.Items, factors.ItemMatrix) : (model.Users, factors.UserMatrix);
        if (ids.Count == 0)
            throw new InvalidDataException("The model was saved without users, so it has no vectors of them.");
        // With biases two more numbers belong to each vector, so that the dot product is the score all the same.
        var length = factors.ApproximationRank + (factors.HasBiases ? 2 : 0);
        TableFile.Write(path, "id VARCHAR, vector FLOAT[]", appender =>
        {
            for (int index = 0; index < ids.Count; index++)
                appender.CreateRow().AppendValue(ids.GetText(index)).AppendValue(matrix[index][..length].ToArray()).EndRow();
        });
        return Task.FromResult(new Answer(
            FormattableString.Invariant($"{path} holds vectors of {length} numbers for {ids.Count:N0} {arguments.GetValue(_of)}."),
            new { File = path, Rows = ids.Count, Length = length }));
    }

    /// <summary>A model as one of embeddings.</summary>
    /// <exception cref="NotSupportedException">It is another one.</exception>
    public static FactorModel Embeddings(RecommenderModel model) => model as FactorModel ?? throw new NotSupportedException(
        $"The model is a {model.GetType().Name}, which has no embeddings; train one that has, such as wals or softmax-dnn.");
}
