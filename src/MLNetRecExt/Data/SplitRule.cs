using System.Globalization;

namespace MLNetRecExt;

/// <summary>How interactions are divided into a part to train on and a part to test on: a rule that can be written down, such as
/// <c>leave-last:1</c>.</summary>
public sealed record SplitRule
{
    private readonly string _name;
    private readonly double _amount;

    private SplitRule(string name, double amount) => (_name, _amount) = (name, amount);

    /// <summary>What <see cref="Parse"/> reads: each rule with its default.</summary>
    public static IReadOnlyList<SplitRule> Forms { get; } = [RandomPerUser(), LeaveLast(), ByTime(), ByUser(), ByItem()];

    /// <summary>Whether the rule looks at timestamps.</summary>
    public bool NeedsTimestamps => _name is "leave-last" or "time";

    /// <summary>Whether test users are unknown in training, and bring a history instead.</summary>
    public bool HoldsOutUsers => _name == "users";

    /// <summary>Whether test items are unknown in training: these alone are ranked then.</summary>
    public bool HoldsOutItems => _name == "items";

    private bool IsCount => _name == "leave-last";

    /// <summary>A random share of each user's interactions is tested: <c>random-per-user:0.2</c>.</summary>
    /// <param name="testFraction">The share, in (0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not in (0, 1).</exception>
    public static SplitRule RandomPerUser(double testFraction = 0.2) => new("random-per-user", Fraction(testFraction));

    /// <summary>The last interactions of each user are tested: <c>leave-last:1</c>. It needs timestamps.</summary>
    /// <param name="count">How many, in [1, 1000].</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not in [1, 1000].</exception>
    public static SplitRule LeaveLast(int count = 1) => count is >= 1 and <= 1000
        ? new("leave-last", count)
        : throw new ArgumentOutOfRangeException(nameof(count), count, "count must be in [1, 1000].");

    /// <summary>What comes after a point in time is tested: <c>time:0.8</c>. It needs timestamps.</summary>
    /// <param name="trainFraction">The share of the interactions before that point, in (0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not in (0, 1).</exception>
    public static SplitRule ByTime(double trainFraction = 0.8) => new("time", Fraction(trainFraction));

    /// <summary>A random share of the users is tested, of whom training sees nothing: <c>users:0.1</c>. Four fifths of what they took is
    /// the history that they bring.</summary>
    /// <param name="testUserFraction">The share, in (0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not in (0, 1).</exception>
    public static SplitRule ByUser(double testUserFraction = 0.1) => new("users", Fraction(testUserFraction));

    /// <summary>A random share of the items is tested, which training does not see: <c>items:0.1</c>.</summary>
    /// <param name="testItemFraction">The share, in (0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not in (0, 1).</exception>
    public static SplitRule ByItem(double testItemFraction = 0.1) => new("items", Fraction(testItemFraction));

    /// <summary>Reads what <see cref="ToString"/> writes. Without a number the rule's default counts.</summary>
    /// <param name="text">Such as <c>leave-last:1</c>.</param>
    /// <exception cref="FormatException">It is none of <see cref="Forms"/>, or its number is out of range; the message says what is
    /// needed.</exception>
    public static SplitRule Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Split(':');
        var form = Forms.FirstOrDefault(form => form._name == parts[0]);
        if (form is null || parts.Length > 2)
            throw new FormatException($"'{text}' is none of {string.Join(", ", Forms)}.");
        if (parts.Length == 1)
            return form;
        if (double.TryParse(parts[1], CultureInfo.InvariantCulture, out var amount)
            && (form.IsCount ? amount is >= 1 and <= 1000 && amount == Math.Floor(amount) : amount is > 0 and < 1))
            return new SplitRule(form._name, amount);
        throw new FormatException(
            $"'{text}' needs {(form.IsCount ? "a whole number from 1 to 1000" : "a number between 0 and 1")} behind the colon, like {form}.");
    }

    /// <summary>Divides interactions.</summary>
    /// <param name="data">What to divide.</param>
    /// <param name="seed">Seed of what is drawn.</param>
    /// <exception cref="ArgumentException">There are no timestamps where the rule needs some, or a part would be empty.</exception>
    public InteractionSplit Apply(Interactions data, int seed)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (NeedsTimestamps && !data.ByUser.HasTimestamps)
            throw new ArgumentException(
                $"The split {this} needs timestamps, and the data has none: name their column, or take {RandomPerUser()}.", nameof(data));
        var rows = data.ByUser;
        var split = new InteractionSplit(data, _name switch
        {
            "random-per-user" => SplitRules.RandomPerUser(rows, _amount, seed),
            "leave-last" => SplitRules.LeaveLast(rows, null, _ => (int)_amount),
            "time" => SplitRules.ByTime(rows, _amount),
            "users" => SplitRules.ByUser(rows, _amount, FoldInFraction, seed),
            _ => SplitRules.ByItem(rows, _amount, seed),
        });
        return split.Train.Count > 0 && split.Test.Count > 0
            ? split
            : throw new ArgumentException(
                $"The split {this} leaves {split.Train.Count:N0} interactions to train on and {split.Test.Count:N0} to test on, of "
                + $"{data.Count:N0}: take another rule, or more data.", nameof(data));
    }

    /// <summary>The rule as <see cref="Parse"/> reads it.</summary>
    public override string ToString() => FormattableString.Invariant($"{_name}:{_amount}");

    private const double FoldInFraction = 0.8;

    private static double Fraction(double value) => value is > 0 and < 1
        ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, "The share must lie between 0 and 1.");
}
