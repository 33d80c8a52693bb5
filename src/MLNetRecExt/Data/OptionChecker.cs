using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;

namespace MLNetRecExt;

/// <summary>
/// Checks options of both styles, the public fields of an estimator's <c>Options</c> and the <c>init</c> properties of a call's: numbers
/// against their
/// <see cref="OptionRangeAttribute"/>, numbers without one for being finite, enums for being defined.
/// </summary>
/// <remarks>It stands on the lowest floor because options are on all of them: those for reading files are in this room, those for lists
/// in Models, a trainer's higher up.</remarks>
internal static class OptionChecker
{
    // A service hands options over with each list: to look up their members must not cost more than a short list does.
    private static readonly ConcurrentDictionary<Type, Option[]> Known = new();

    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range; the message names option, value and range.</exception>
    public static void Check(object options)
    {
        ArgumentNullException.ThrowIfNull(options);
        foreach (var option in OptionsOf(options.GetType()))
            option.Check(options);
    }

    /// <summary>Checks what a file says of a training's options by the ranges of the options of the same names, or where there are none by
    /// its own.</summary>
    /// <param name="settings">What the file says.</param>
    /// <param name="trainerOptions">The type of the options.</param>
    /// <exception cref="ArgumentOutOfRangeException">No training can have had such options.</exception>
    public static void CheckAs(object settings, Type trainerOptions)
    {
        foreach (var setting in OptionsOf(settings.GetType()))
        {
            var option = Array.Find(OptionsOf(trainerOptions), option => option.Name == setting.Name);
            (option is null ? setting : setting with { Range = option.Range }).Check(settings);
        }
    }

    private static Option[] OptionsOf(Type type) => Known.GetOrAdd(type, static type => [.. Find(type)]);

    private static IEnumerable<Option> Find(Type type)
    {
        foreach (var field in type.GetFields(BindingFlags.Public | BindingFlags.Instance))
            if (Option.Create(field, field.FieldType, field.GetValue) is { } option)
                yield return option;
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
            if (property.CanWrite && Option.Create(property, property.PropertyType, property.GetValue) is { } option)
                yield return option;
    }

    /// <summary>An option that can be checked: an enum, or a number.</summary>
    private sealed record Option(string Name, Type Type, bool IsNullable, OptionRangeAttribute? Range, Func<object, object?> Get)
    {
        public static Option? Create(MemberInfo member, Type declared, Func<object, object?> get)
        {
            var type = Nullable.GetUnderlyingType(declared) ?? declared;
            return type.IsEnum || type == typeof(int) || type == typeof(long) || type == typeof(float) || type == typeof(double)
                ? new(member.Name, type, type != declared, member.GetCustomAttribute<OptionRangeAttribute>(), get)
                : null;
        }

        public void Check(object options)
        {
            if (Get(options) is { } value && !Allows(value))
                throw new ArgumentOutOfRangeException(Name, value, $"{Name} must be {Allowed()}{(IsNullable ? ", or null" : "")}.");
        }

        private bool Allows(object value)
        {
            if (Type.IsEnum)
                return Enum.IsDefined(Type, value);
            var number = Convert.ToDouble(value, CultureInfo.InvariantCulture);
            return Range?.Contains(number) ?? double.IsFinite(number);
        }

        private string Allowed() => Type.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(Type))}"
            : Range is null ? "a finite number"
            : $"in {Range}";
    }
}
