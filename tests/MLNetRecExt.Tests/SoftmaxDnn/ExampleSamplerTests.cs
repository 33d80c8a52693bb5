namespace MLNetRecExt.Tests.SoftmaxDnn;

public sealed class ExampleSamplerTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(100000)]
    public void Order_AnyEpoch_HasEachUserAtMostSoOftenAndOncePerItem(int maxExamplesPerUser)
    {
        // User u took u items.
        const int Users = 9;
        var pairs = Enumerable.Range(0, Users).SelectMany(user => Enumerable.Range(0, user).Select(item => (User: user, Item: item))).ToArray();
        var data = Interactions.Create(IdMap.FromKeys(Users), IdMap.FromKeys(Users), [.. pairs.Select(p => p.User)], [.. pairs.Select(p => p.Item)]);
        var options = new SoftmaxDnnTrainer.Options { MaxExamplesPerUser = maxExamplesPerUser };
        var sampler = new ExampleSampler(data.ByUser, options, options.Settings);
        var expected = Enumerable.Range(0, Users).SelectMany(user => Enumerable.Repeat(user, Math.Min(user, maxExamplesPerUser))).ToArray();

        Assert.Equal(expected.Length, sampler.Count);
        Assert.Equal(expected, sampler.Order(0).Order());
        Assert.Equal(expected, sampler.Order(1).Order());
        Assert.NotEqual(sampler.Order(0), sampler.Order(1));
        Assert.Equal(sampler.Order(1), sampler.Order(1));
    }
}
