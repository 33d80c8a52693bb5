using Microsoft.ML;
using MLNetRecExt.Tests.Conformance;

namespace MLNetRecExt.Tests.ContentBased;

public class ContentBasedConformanceTests : RecommenderConformance<ContentBasedModel>
{
    // Items of all the tests by name or number: odd ones and even ones of each kind of ids have a category of their own.
    private static readonly SideFeatures Features = new MLContext(1).Recommenders().Data.ReadFeatures(
        new MLContext(1).Data.LoadFromEnumerable(
            Enumerable.Range(0, Checkerboard.Size).SelectMany(item => new[]
            {
                Row("name", Checkerboard.ItemName(item), item),
                Row("Int32", $"{int.MinValue + item}", item),
                Row("Int64", $"{long.MinValue + item}", item),
                Row("UInt32", $"{uint.MaxValue - item}", item),
                Row("UInt64", $"{ulong.MaxValue - (ulong)item}", item),
            }).Concat(Enumerable.Range(0, 30).Select(item => Row("key", $"{item + 1}", item))).ToArray()),
        "Item", ["Parity"]);

    private protected override RecommenderTrainerOptions Options() => new ContentBasedTrainer.Options { ItemFeatures = Features };

    private protected override RecommenderTrainer<ContentBasedModel> Trainer(MLContext ml, RecommenderTrainerOptions options) =>
        ml.Recommenders().Trainers.ContentBased((ContentBasedTrainer.Options)options);

    protected override bool KnowsUntakenItems => true;

    private static FeatureRow Row(string kind, string id, int item) => new() { Item = id, Parity = $"{kind} {item % 2}" };

    private sealed class FeatureRow
    {
        public string Item = "", Parity = "";
    }
}
