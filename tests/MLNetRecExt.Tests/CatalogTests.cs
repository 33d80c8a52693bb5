using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.ML;

namespace MLNetRecExt.Tests;

/// <summary>What a user sees when typing: the methods of the catalogs, and those that our packages add to catalogs and models.</summary>
public class CatalogTests
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly MethodInfo[] All =
    [
        .. XmlDocumentation.Assemblies.SelectMany(assembly => assembly.GetExportedTypes())
            .Where(type => type.Name.EndsWith("Catalog") || type.IsDefined(typeof(ExtensionAttribute)))
            .SelectMany(type => type.GetMethods(Declared)).Where(method => !method.IsSpecialName),
    ];

    /// <summary>Each method that has defaults, and the one of its name that takes options.</summary>
    private static readonly (MethodInfo Short, Type Options)[] ShortOverloads =
    [
        .. from method in All
           where method.GetParameters().Any(parameter => parameter.HasDefaultValue)
           from other in All
           where other != method && other.Name == method.Name && other.DeclaringType == method.DeclaringType
           from options in other.GetParameters()
           where options.ParameterType.Name == "Options" && other.GetParameters().Length <= method.GetParameters().Length
           select (method, options.ParameterType),
    ];

    public static TheoryData<string> Methods => [.. All.Select(Title)];

    public static TheoryData<string> WithDefaults => [.. ShortOverloads.Select(overload => Title(overload.Short))];

    [Theory, MemberData(nameof(Methods))]
    public void Documentation_Method_SaysWhatItDoesTakesGivesAndThrows(string method)
    {
        var found = All.Single(one => Title(one) == method);
        var elements = XmlDocumentation.Of(found);

        Assert.NotEmpty(Texts("summary"));
        Assert.NotEmpty(Texts("exception"));
        Assert.Equal(found.ReturnType == typeof(void) ? 0 : 1, Texts("returns").Length);
        Assert.Empty(found.GetParameters().Select(parameter => parameter.Name).Except(Names("param")));
        Assert.Empty(found.GetGenericArguments().Select(argument => argument.Name).Except(Names("typeparam")));

        string[] Texts(string tag) => [.. elements.Where(element => element.Name == tag && element.Value.Length > 0).Select(element => element.Value)];

        string[] Names(string tag) =>
            [.. elements.Where(element => element.Name == tag && element.Value.Length > 0).Select(element => element.Attribute("name")!.Value)];
    }

    [Theory]
    [InlineData(typeof(RecommenderTrainersCatalog), 7)]
    [InlineData(typeof(RecommendersCatalog), 3)]
    [InlineData(typeof(MLContextExtensions), 1)]
    public void Documentation_MainMethods_HaveAnExample(Type catalog, int least) => Assert.InRange(
        All.Where(method => method.DeclaringType == catalog)
            .Count(method => XmlDocumentation.Of(method).Any(element => element.Name == "example")),
        least,
        100);

    [Fact]
    public void WithDefaults_EveryTrainer_IsThere() => Assert.Superset(
        new HashSet<string>(typeof(RecommenderTrainersCatalog).GetMethods(Declared)
            .Where(method => !method.IsSpecialName).Select(method => method.Name)),
        ShortOverloads.Select(overload => overload.Short.Name).ToHashSet());

    [Theory, MemberData(nameof(WithDefaults))]
    public void ShortOverload_Defaults_AreThoseOfTheOptions(string method)
    {
        var (shortOverload, type) = ShortOverloads.Single(overload => Title(overload.Short) == method);
        var options = Activator.CreateInstance(type)!;

        foreach (var parameter in shortOverload.GetParameters().Where(parameter => parameter.HasDefaultValue))
        {
            var field = type.GetField(parameter.Name!, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase);
            Assert.True(field is not null, $"{type} has no option '{parameter.Name}'.");
            var expected = field.GetValue(options);
            // Where options are of other options, null stands for the defaults.
            if (parameter.DefaultValue is null && field.FieldType.Name.EndsWith("Options"))
                Assert.Equal(Activator.CreateInstance(field.FieldType), expected);
            else
                Assert.Equal(expected, field.FieldType.IsEnum ? Enum.ToObject(field.FieldType, parameter.DefaultValue!) : parameter.DefaultValue);
        }
    }

    private static string Title(MethodInfo method) =>
        $"{method.DeclaringType!.Name}.{method.Name}({string.Join(", ", method.GetParameters().Select(parameter => parameter.ParameterType.Name))})";
}
