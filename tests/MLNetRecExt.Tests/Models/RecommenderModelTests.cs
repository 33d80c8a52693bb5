using System.Runtime.CompilerServices;
using Microsoft.ML;

namespace MLNetRecExt.Tests;

public class RecommenderModelTests
{
    private static readonly Type[] Stages = [typeof(FusedModel), typeof(RankedModel), typeof(RerankedModel)];

    /// <summary>Every kind of model but stages, which can what their candidates' models can.</summary>
    public static TheoryData<Type> Models => [.. typeof(RecommenderModel).Assembly.GetTypes()
        .Where(type => type.IsSubclassOf(typeof(RecommenderModel)) && type is { IsAbstract: false, IsPublic: true }).Except(Stages)];

    [Theory, MemberData(nameof(Models))]
    public void SimilarAndExplain_OfAModelThatCannot_NameThoseThatCan(Type type)
    {
        var model = (RecommenderModel)RuntimeHelpers.GetUninitializedObject(type);
        var popularity = (PopularityModel)RuntimeHelpers.GetUninitializedObject(typeof(PopularityModel));
        var name = type.Name.Replace("Model", "").Replace("Stock", "the stock ");

        foreach (var (can, ask) in new (bool, Action)[]
        {
            (model.CanCompareItems, () => popularity.SimilarItems([], 1)),
            (model.CanCompareUsers, () => popularity.SimilarUsers(0, 1)),
            (model.CanExplain, () => popularity.Explain(RecommenderQuery.Nobody, 0)),
        })
            Assert.Equal(can, Assert.Throws<NotSupportedException>(ask).Message.Split("Models of")[1].Contains(name));
    }

    [Fact]
    public void SimilarAndExplain_OfStages_AreThoseOfTheFirstSourceThatCan()
    {
        var stages = new MLContext(1).Recommenders();
        var data = Checkerboard.Interactions(IdMap.FromKeys(Checkerboard.Size), IdMap.FromKeys(Checkerboard.Size));
        var popularity = stages.Trainers.Popularity().Fit(data);
        var wals = stages.Trainers.Wals(approximationRank: 4).Fit(data);
        var fused = stages.Stages.Fuse([new(popularity, 5), new(wals, 5)]);
        var reranked = stages.Stages.Rerank(fused, new RerankOptions { ExcludedItems = [3, 4] });

        Assert.Equal(wals.SimilarItems(1, 5), fused.SimilarItems(1, 5));
        Assert.Equal(wals.SimilarItems(1, 12).Where(entry => entry.Item is not (3 or 4)), reranked.SimilarItems(1, 12));
        Assert.Equal(
            wals.SimilarItems(1, 12).Where(entry => entry.Item is not (3 or 4 or 5)),
            reranked.SimilarItems(1, 12, new TopItemsOptions { Filter = ItemFilter.Except([5]) }));
        Assert.Empty(reranked.SimilarItems(3, 5));
        foreach (var stage in new RecommenderModel[] { fused, reranked })
        {
            Assert.Equal(wals.SimilarUsers(2, 5), stage.SimilarUsers(2, 5));
            Assert.Equal(wals.Explain(2, 7), stage.Explain(2, 7));
            Assert.Equal(wals.Explain(RecommenderQuery.ForHistory(1, 5), 7), stage.Explain(RecommenderQuery.ForHistory(1, 5), 7));
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => reranked.Explain(2, 3));
        Assert.Throws<NotSupportedException>(() => stages.Stages.Fuse([new(popularity, 5)]).SimilarItems(1, 5));
    }
}
