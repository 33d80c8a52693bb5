using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;

namespace MLNetRecExt.Tests.Data;

public partial class OptionCheckerTests
{
    private static readonly Type[] Types =
        [.. XmlDocumentation.Assemblies.SelectMany(assembly => assembly.GetExportedTypes())
            .Where(type => type.Name.EndsWith("Options") && !type.IsAbstract)];

    /// <summary>Every public type of options, of every package.</summary>
    public static TheoryData<Type> OptionTypes => new(Types);

    [Fact]
    public void OptionTypes_EveryPackage_AreFound() =>
        Assert.Empty(
            new[] { typeof(WalsTrainer.Options), typeof(TunerOptions), typeof(TopItemsEstimator.Options), typeof(OnnxExportOptions) }.Except(Types));

    [Theory, MemberData(nameof(OptionTypes))]
    public void Value_NumericOption_SaysTheRangeThatIsChecked(Type type)
    {
        foreach (var member in Numbers(type))
        {
            var value = Text(member);
            if (member.GetCustomAttribute<OptionRangeAttribute>() is not { } range)
            {
                Assert.Contains(TypeOf(member) != typeof(float) && TypeOf(member) != typeof(double) ? "any integer" : "any finite number", value);
                continue;
            }
            var said = DocumentedRange().Match(value);
            Assert.True(said.Success, $"{type}: {value}");
            Assert.Equal(
                (range.MinExclusive, range.Min, range.Max),
                (said.Groups[1].Value == "(", Number(said.Groups[2]), Number(said.Groups[3])));
            if (member.Name == nameof(RecommenderTrainerOptions.NumberOfThreads))
                Assert.Equal("[1, 1024]", range.ToString());
        }
    }

    [Theory, MemberData(nameof(OptionTypes))]
    public void Validate_NumberOutsideItsRange_NamesOptionValueAndRange(Type type)
    {
        foreach (var member in Numbers(type))
        {
            var range = member.GetCustomAttribute<OptionRangeAttribute>();
            foreach (var bad in Outside(TypeOf(member), range))
            {
                var options = With(type, member, bad);

                var error = Assert.Throws<ArgumentOutOfRangeException>(() => Validate(options));

                Assert.Equal((member.Name, bad), (error.ParamName, error.ActualValue));
                Assert.Contains(range is null ? "finite" : $"{member.Name} must be in {range}", error.Message);
            }
        }
    }

    [Theory, MemberData(nameof(OptionTypes))]
    public void Check_EndsOfTheRangeAndDefaults_Pass(Type type)
    {
        OptionChecker.Check(Defaults(type));
        foreach (var member in Numbers(type))
            if (member.GetCustomAttribute<OptionRangeAttribute>() is { } range)
                foreach (var good in Ends(TypeOf(member), range))
                    OptionChecker.Check(With(type, member, good));
    }

    [Theory, MemberData(nameof(OptionTypes))]
    public void Validate_UndefinedEnumValue_NamesOptionAndChoices(Type type)
    {
        foreach (var member in Members(type).Where(member => TypeOf(member).IsEnum))
        {
            var options = With(type, member, Enum.ToObject(TypeOf(member), 99));

            var error = Assert.Throws<ArgumentOutOfRangeException>(() => Validate(options));

            Assert.Equal(member.Name, error.ParamName);
            Assert.Contains(string.Join(", ", Enum.GetNames(TypeOf(member))), error.Message);
        }
    }

    [Theory, MemberData(nameof(OptionTypes))]
    public void OptionTypes_Style_IsFieldsForEstimatorsAndARecordForCalls(Type type)
    {
        var fields = type.GetFields(BindingFlags.Public | BindingFlags.Instance);
        var isRecord = type.GetMethod("<Clone>$") is not null;

        Assert.True(type.IsSealed);
        Assert.Equal(type.IsNested, fields.Length > 0);
        Assert.Equal(type.IsNested, !isRecord);
    }

    /// <summary>What a constructor or a call does with options first: their own checks where they have any, else the checker alone.</summary>
    private static void Validate(object options)
    {
        if (options.GetType().GetMethod("Validate", BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance, []) is { } validate)
            validate.Invoke(options, BindingFlags.DoNotWrapExceptions, binder: null, parameters: null, CultureInfo.InvariantCulture);
        else
            OptionChecker.Check(options);
    }

    private static IEnumerable<MemberInfo> Members(Type type) =>
    [
        .. type.GetFields(BindingFlags.Public | BindingFlags.Instance),
        .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite),
    ];

    private static IEnumerable<MemberInfo> Numbers(Type type) =>
        Members(type).Where(member => TypeOf(member) is { IsPrimitive: true } number && number != typeof(bool));

    private static Type TypeOf(MemberInfo member)
    {
        var type = member is FieldInfo field ? field.FieldType : ((PropertyInfo)member).PropertyType;
        return Nullable.GetUnderlyingType(type) ?? type;
    }

    private static object With(Type type, MemberInfo member, object value)
    {
        var options = Defaults(type);
        if (member is FieldInfo field)
            field.SetValue(options, value);
        else
            ((PropertyInfo)member).SetValue(options, value);
        return options;
    }

    private static IEnumerable<object> Outside(Type type, OptionRangeAttribute? range)
    {
        if (type != typeof(int) && type != typeof(long))
            foreach (var never in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity })
                yield return Exactly(type, never);
        if (range is null)
            yield break;
        yield return range.MinExclusive ? Exactly(type, range.Min) : Next(type, range.Min, up: false);
        yield return Next(type, range.Max, up: true);
    }

    private static IEnumerable<object> Ends(Type type, OptionRangeAttribute range) =>
        [range.MinExclusive ? Next(type, range.Min, up: true) : Exactly(type, range.Min), Exactly(type, range.Max)];

    private static object Exactly(Type type, double value) => Convert.ChangeType(value, type, CultureInfo.InvariantCulture);

    private static object Next(Type type, double value, bool up)
    {
        if (type == typeof(int))
            return (int)value + (up ? 1 : -1);
        if (type == typeof(long))
            return (long)value + (up ? 1 : -1);
        if (type == typeof(float))
            return up ? MathF.BitIncrement((float)value) : MathF.BitDecrement((float)value);
        return up ? Math.BitIncrement(value) : Math.BitDecrement(value);
    }

    private static string Text(MemberInfo member) =>
        $"{member.Name}: {XmlDocumentation.Of(member).SingleOrDefault(element => element.Name == "value")?.Value}";

    private static double Number(Group group) => double.Parse(group.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"range ([\[(])([^,]+), ([^\]]+)\]")]
    private static partial Regex DocumentedRange();

    /// <summary>Options with the defaults; what must be given is "x".</summary>
    private static object Defaults(Type type) =>
        type.GetConstructor(Type.EmptyTypes) is not null ? Activator.CreateInstance(type)! : Activator.CreateInstance(type, "x")!;
}
