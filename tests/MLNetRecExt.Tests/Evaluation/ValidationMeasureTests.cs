using Microsoft.ML;

namespace MLNetRecExt.Tests.Evaluation;

public class ValidationMeasureTests
{
    private static readonly RecommendersCatalog Recommenders = new MLContext().Recommenders();

    [Fact]
    public void Measure_NoValidationPart_IsNull()
    {
        Assert.Null(ValidationMeasure.For(null, predictsLabels: false));
        Assert.Null(ValidationMeasure.For(null, predictsLabels: true));
    }

    [Fact]
    public void Measure_Model_IsTheMetricOfItsReport()
    {
        var (train, heldOut, scores) = TestModel.Random(seed: 3, users: 80, items: 40);
        var model = new TestModel(train, scores);

        var ranking = ValidationMeasure.For(heldOut, predictsLabels: false, threads: 2)!(model);
        var rating = ValidationMeasure.For(heldOut, predictsLabels: true, threads: 2)!(model);

        Assert.Equal(Recommenders.Evaluate(model, heldOut).Ndcg(20).Mean, ranking.Value);
        Assert.Equal(Recommenders.EvaluateRatings(model, heldOut).AllPairsRmse.Mean, rating.Value);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Measure_Cancelled_Throws(bool predictsLabels)
    {
        var (train, heldOut, scores) = TestModel.Random(seed: 3, users: 80, items: 40);
        var measure = ValidationMeasure.For(heldOut, predictsLabels, cancellationToken: new CancellationToken(canceled: true))!;

        Assert.ThrowsAny<OperationCanceledException>(() => measure(new TestModel(train, scores)));
    }
}
