namespace MLNetRecExt.Tests.Conformance;

/// <summary>The checks of <see cref="RecommenderConformance{TModel, TOptions}"/> as tests. Derive a class per trainer; the tests come along.</summary>
public abstract class ConformanceTests<TModel, TOptions> : RecommenderConformance<TModel, TOptions>
    where TModel : RecommenderModel
    where TOptions : RecommenderTrainerOptions
{
    public static TheoryData<string> Names => [.. Checks];

    [Theory, MemberData(nameof(Names))]
    public void Conforms(string check) => Run(check);
}
