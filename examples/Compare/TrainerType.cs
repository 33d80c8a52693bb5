using System.Text.RegularExpressions;
using MLNetRecExt;

namespace Compare;

/// <summary>What the type of a trainer tells.</summary>
internal static partial class TrainerType
{
    private const string Suffix = "Trainer";

    /// <summary>TModel and TOptions of the <see cref="RecommenderTrainer{TModel, TOptions}"/> that a type derives from; null where it does
    /// not.</summary>
    public static Type[]? ArgumentsOf(Type type)
    {
        var trainer = type.BaseType;
        while (trainer is not null && !(trainer.IsGenericType && trainer.GetGenericTypeDefinition() == typeof(RecommenderTrainer<,>)))
            trainer = trainer.BaseType;
        return trainer?.GenericTypeArguments;
    }

    /// <summary>MyWalkTrainer: my-walk.</summary>
    public static string NameOf(Type type)
    {
        var name = type.Name.EndsWith(Suffix, StringComparison.Ordinal) && type.Name.Length > Suffix.Length ? type.Name[..^Suffix.Length] : type.Name;
        return WordStart().Replace(name, "-").ToLowerInvariant();
    }

    [GeneratedRegex("(?<=[a-z0-9])(?=[A-Z])")]
    private static partial Regex WordStart();
}
