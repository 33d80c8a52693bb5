using System.Globalization;
using Microsoft.ML;
using MLNetRecExt;

namespace Compare;

/// <summary>How one set of interactions is divided into a part to train on and a part to test on.</summary>
internal sealed class SplitRule
{
    private static readonly (string Name, string Form, double Min, double Max, Func<MLContext, Interactions, double, int, InteractionSplit> Apply)[] Rules =
    [
        ("random-per-user", "random-per-user:0.2", 0, 1, (ml, data, share, seed) => ml.Recommenders().Splits.RandomPerUser(data, share, seed)),
        ("leave-last", "leave-last:1", 1, 1000, (ml, data, count, _) => ml.Recommenders().Splits.LeaveLast(data, (int)count)),
        ("time", "time:0.8", 0, 1, (ml, data, share, _) => ml.Recommenders().Splits.ByTime(data, share)),
        ("users", "users:0.1", 0, 1, (ml, data, share, seed) => ml.Recommenders().Splits.ByUser(data, share, seed: seed)),
        ("items", "items:0.1", 0, 1, (ml, data, share, seed) => ml.Recommenders().Splits.ByItem(data, share, seed)),
    ];

    private readonly int _rule;
    private readonly double _amount;

    private SplitRule(int rule, double amount)
    {
        _rule = rule;
        _amount = amount;
    }

    /// <summary>What can be written.</summary>
    public static IEnumerable<string> Forms => Rules.Select(rule => rule.Form);

    /// <summary>Whether the rule looks at timestamps.</summary>
    public bool NeedsTime => Rules[_rule].Name is "leave-last" or "time";

    /// <summary>Whether test users are unknown in training, and bring a history instead.</summary>
    public bool HoldsOutUsers => Rules[_rule].Name == "users";

    /// <summary>Whether test items are unknown in training: these alone are ranked then.</summary>
    public bool HoldsOutItems => Rules[_rule].Name == "items";

    /// <exception cref="UsageException">Not one of <see cref="Forms"/>, or a number out of range.</exception>
    public static SplitRule Parse(string text)
    {
        var parts = text.Split(':');
        var index = Array.FindIndex(Rules, rule => rule.Name == parts[0]);
        if (index < 0 || parts.Length > 2)
            throw new UsageException($"'{text}' is none of {string.Join(", ", Forms)}.");
        var rule = Rules[index];
        var number = parts.Length == 2 ? parts[1] : rule.Form.Split(':')[1];
        var whole = rule.Min >= 1;
        if (!double.TryParse(number, CultureInfo.InvariantCulture, out var amount)
            || !(whole ? amount >= rule.Min && amount <= rule.Max && amount == Math.Floor(amount) : amount > rule.Min && amount < rule.Max))
            throw new UsageException($"'{text}' needs {(whole ? "a whole number from 1" : "a number between 0 and 1")} behind the colon, like {rule.Form}.");
        return new SplitRule(index, amount);
    }

    /// <exception cref="UsageException">Nothing would be left to train or test on.</exception>
    public InteractionSplit Apply(MLContext ml, Interactions data, int seed)
    {
        try
        {
            return Rules[_rule].Apply(ml, data, _amount, seed);
        }
        catch (ArgumentException e)
        {
            throw new UsageException($"--split {this}: {e.Message}");
        }
    }

    public override string ToString() => FormattableString.Invariant($"{Rules[_rule].Name}:{_amount}");
}
