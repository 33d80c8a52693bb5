using MLNetRecExt.AspNetCore.Page;

namespace MLNetRecExt.AspNetCore.Tests.Page;

public class RecommenderDeskTests
{
    private readonly PlantedModel _model = new([[1, 0], [0, 1]], [[1, 1], [1, 0]]);

    [Fact]
    public void Query_ModelThatCannotFoldIn_LeavesOutWhatIsNew()
    {
        var query = RecommenderDesk.Query(_model, "2", [new("1")]);
        Assert.Equal(1, query.User);
        Assert.True(query.History.IsEmpty);
    }

    [Fact]
    public void Query_UnknownUser_IsNobody() => Assert.Equal(-1, RecommenderDesk.Query(_model, "77", []).User);

    [Fact]
    public void Query_ModelThatFoldsIn_TakesTheItemsThatItKnows()
    {
        var model = TrainedModels.Recommender(TrainedModels.First).Model;
        var query = RecommenderDesk.Query(model, "5", [new("item-02", 2, 3, 4), new("item-77"), new("item-00")]);
        Assert.Equal(model.Users.IndexOf("5"), query.User);
        Assert.Equal(
            [new ItemFeedback(model.Items.IndexOf("item-02"), 2, 3, 4), new ItemFeedback(model.Items.IndexOf("item-00"))],
            query.History.ToArray());
    }
}
