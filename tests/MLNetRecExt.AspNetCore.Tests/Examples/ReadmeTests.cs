using System.Reflection;
using System.Text.RegularExpressions;
using MLNetRecExt.AspNetCore.Tests.Endpoints;

namespace MLNetRecExt.AspNetCore.Tests.Examples;

public partial class ReadmeTests
{
    // That the blocks are those of ReadmeBlocks.cs, the core's tests see to for every README.
    private static readonly string Text =
        File.ReadAllText(Path.Combine(Root(), "src/MLNetRecExt.AspNetCore/README.md")).ReplaceLineEndings("\n");

    [Fact]
    public void FirstBlock_FromSelectToEndpoint_HasAtMost25Lines() =>
        Assert.InRange(Text.Split("```csharp\n")[1].Split("```")[0].Count(letter => letter == '\n'), 1, 25);

    [Fact]
    public void WhatARequestCannotDo_NamesEveryTestOfIt()
    {
        var table = Text.Split("## What a request cannot do")[1];
        var named = Named().Matches(table).Select(match => match.Groups["test"].Value);
        var tests = typeof(SecurityTests).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Where(method => method.GetCustomAttributes<FactAttribute>().Any()).Select(method => method.Name);
        Assert.Equal(tests.Order(), named.Order());
    }

    [Fact]
    public void Options_ThatTheReadmeNames_HaveTheDefaultsThatItSays()
    {
        var options = new RecommenderServiceOptions();
        Assert.Contains($"`MinCatalogueShare`, {FormattableString.Invariant($"{options.MinCatalogueShare}")}", Text);
        Assert.Contains(FormattableString.Invariant(
            $"`MinOverlap`, {options.MinOverlap}, over `SampledUsers`, {options.SampledUsers}"), Text);
        Assert.Contains(FormattableString.Invariant($"`Metric`; `MaxMetricLoss`, {options.MaxMetricLoss}"), Text);
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "MLNetRecExt.sln")))
            folder = folder.Parent!;
        return folder.FullName;
    }

    [GeneratedRegex("`(?<test>[A-Za-z0-9]+_[A-Za-z0-9_]+)`")]
    private static partial Regex Named();
}
