using Microsoft.Extensions.Time.Testing;
using MLNetRecExt.AspNetCore.Page;

namespace MLNetRecExt.AspNetCore.Tests.Page;

public class ListSampleTests
{
    [Fact]
    public void Take_FewUsers_TakesAll()
    {
        var sample = ListSample.Take(Model(users: 150), TimeProvider.System, default);
        Assert.True(sample.IsComplete);
        Assert.Equal(Enumerable.Range(0, 150), sample.Users.ToArray().Order());
        Assert.All(sample.Lists, list => Assert.Equal(ListSample.ListLength, list.Length));
    }

    [Fact]
    public void Take_ManyUsers_TakesSomeSpreadOverAll()
    {
        var sample = ListSample.Take(Model(users: 3 * ListSample.MaxUsers), new FakeTimeProvider(), default);
        Assert.False(sample.IsComplete);
        Assert.Equal(ListSample.MaxUsers, sample.Lists.Count);
        Assert.Equal(Enumerable.Range(0, ListSample.MaxUsers).Select(place => 3 * place), sample.Users.ToArray().Order());
    }

    [Fact]
    public void Take_TimeIsOver_StopsAfterTheBlockThatIsBegun()
    {
        var sample = ListSample.Take(Model(users: 1000), new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromSeconds(0.4) }, default);
        Assert.InRange(sample.Lists.Count, 1, 999);
        Assert.Equal(sample.Lists.Count, sample.Users.Length);
    }

    [Fact]
    public void WhoGets_Item_IsWhatTheListsSay()
    {
        var sample = ListSample.Take(Model(users: 150), TimeProvider.System, default);
        for (int item = 0; item < sample.Model.Items.Count; item++)
            Assert.Equal(
                Enumerable.Range(0, 150).Select(list => (User: sample.Users.Span[list], Place: sample.Lists[list].IndexOf(item) + 1))
                    .Where(entry => entry.Place > 0).OrderBy(entry => (entry.Place, entry.User)),
                sample.WhoGets(item));
    }

    private static PlantedModel Model(int users)
    {
        var random = new Random(7);
        return new([.. Enumerable.Range(0, users).Select(_ => Row())], [.. Enumerable.Range(0, 30).Select(_ => Row())]);

        float[] Row() => [random.NextSingle() - 0.5f, random.NextSingle() - 0.5f, random.NextSingle() - 0.5f];
    }
}
