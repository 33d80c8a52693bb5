using System.Globalization;
using Microsoft.ML.Data;

namespace MLNetRecExt;

/// <summary>Finds out which columns of a file hold users, items, labels and timestamps.</summary>
internal sealed class InteractionFileInference
{
    // Seconds since 1970 of the years 1990 and 2040.
    private const double FirstSecond = 631_152_000, LastSecond = 2_208_988_800;

    // What people rate by goes to 100 at most, and does not have half its values in the lowest twentieth.
    private const double LargestRating = 100, LargestByMedian = 20;

    private readonly DelimitedHead _head;
    private readonly InteractionFileHints _hints;

    private InteractionFileInference(DelimitedHead head, InteractionFileHints hints) => (_head, _hints) = (head, hints);

    /// <exception cref="ArgumentException">A column that is named does not exist, has a name that stands twice, or does not hold what it
    /// should.</exception>
    /// <exception cref="InvalidDataException">The file does not show where its columns are.</exception>
    public static InteractionFileOptions Infer(string path, InteractionFileHints hints) =>
        new InteractionFileInference(DelimitedHead.Read(path, hints.Separator, hints.HasHeader, joinsLines: false), hints).Infer();

    private InteractionFileOptions Infer()
    {
        var (user, item) = (Given(_hints.User, nameof(_hints.User)), Given(_hints.Item, nameof(_hints.Item)));
        var (label, weight) = (GivenNumber(_hints.Label, nameof(_hints.Label)), GivenNumber(_hints.Weight, nameof(_hints.Weight)));
        var time = Given(_hints.Timestamp, nameof(_hints.Timestamp));
        if (_head.HasHeader)
        {
            (user, item) = FindIds(user, item);
            label ??= FindNamed(ColumnNames.Labels, column => HoldsNumbers(column) && !HoldsCounts(column));
            // Some sets have the column and nothing in it.
            time ??= FindNamed(ColumnNames.Timestamps, column => !(IsEmpty(column) && HasRows) && KindOfTime(column) is not null);
        }
        else
        {
            time ??= FindTimeByValues(Places(user, item, label, weight));
            user ??= FindIdByValues(Places(item, label, weight, time));
            item ??= FindIdByValues(Places(user, label, weight, time));
            label ??= user is null || item is null ? null : FindLabelByValues(Places(user, item, weight, time));
        }
        if (user is null || item is null)
            throw CannotTell(user is null ? "users" : "items", user is null ? nameof(_hints.User) : nameof(_hints.Item));
        return new InteractionFileOptions
        {
            Separator = _head.Separator,
            HasHeader = _head.HasHeader,
            Columns = new InteractionColumns(_head.Names[user.Value], _head.Names[item.Value], Name(label), Name(weight), Name(time)),
            TimestampKind = time is not { } place ? DataKind.Int64
                : KindOfTime(place) ?? throw Wrong(place, "a number or a date", nameof(_hints.Timestamp)),
        };
    }

    private bool HasRows => Array.Exists(_head.Columns, column => column.Length > 0);

    private bool IsEmpty(int column) => _head.Columns[column].Length == 0;

    private bool HoldsNumbers(int column) => _head.Columns[column].All(DelimitedHead.IsNumber);

    /// <summary>Whether whole numbers say how often rather than how much: plays, pieces, seconds.</summary>
    private bool HoldsCounts(int column)
    {
        double[] values = [.. _head.Columns[column].Select(cell => double.Parse(cell, CultureInfo.InvariantCulture)).Order()];
        return values is [>= 0, .., var largest] && values.All(double.IsInteger)
            && (largest > LargestRating || largest > LargestByMedian * values[values.Length / 2]);
    }

    private string? Name(int? column) => column is { } place ? _head.Names[place] : null;

    private DataKind? KindOfTime(int column) => DelimitedHead.TimestampKind(_head.Columns[column]);

    private static HashSet<int> Places(params int?[] columns) => [.. columns.OfType<int>()];

    private int? Given(string? name, string hint)
    {
        if (name is null)
            return null;
        return ColumnNames.Find(_head.Path, _head.Names, name) is var place and >= 0 ? place : throw new ArgumentException(
            $"{_head.Path} has no column '{name}'; it has {_head.Seen}. Give one of them as {hint}, or another Separator.");
    }

    private int? GivenNumber(string? name, string hint)
    {
        var column = Given(name, hint);
        return column is not { } place || HoldsNumbers(place) ? column : throw Wrong(place, "a number", hint);
    }

    /// <summary>By usual names; where only one of the two has such a name, the other by the one further name that ends in "id".</summary>
    private (int? User, int? Item) FindIds(int? user, int? item)
    {
        user ??= FindNamed(ColumnNames.Users, _ => true);
        item ??= FindNamed(ColumnNames.Items, _ => true);
        if (user is null != item is null)
        {
            int[] ids = [.. Others(Places(user, item)).Where(column => ColumnNames.EndsInId(_head.Names[column]))];
            if (ids is [var only])
                return (user ?? only, item ?? only);
        }
        return (user, item);
    }

    private int? FindNamed(string[] usual, Func<int, bool> isRight) =>
        First(Others([]), column => ColumnNames.Contains(usual, _head.Names[column]) && isRight(column));

    private int? FindIdByValues(HashSet<int> taken) => First(Others(taken),
        column => !IsEmpty(column) && _head.Columns[column].All(cell => !DelimitedHead.IsDate(cell) && !IsFraction(cell)));

    // Ids are large numbers too, but hardly in the third column or behind.
    private int? FindTimeByValues(HashSet<int> taken) => First(Others(taken),
        column => !IsEmpty(column) && _head.Columns[column].All(cell => DelimitedHead.IsDate(cell) || column > 1 && IsInstant(cell)));

    /// <exception cref="InvalidDataException">Several columns may hold labels.</exception>
    private int? FindLabelByValues(HashSet<int> taken)
    {
        int[] numbers = [.. Others(taken).Where(column => !IsEmpty(column) && HoldsNumbers(column) && !HoldsCounts(column))];
        return numbers switch
        {
            [] => null,
            [var only] => only,
            _ => throw CannotTell("labels", nameof(_hints.Label)),
        };
    }

    private IEnumerable<int> Others(HashSet<int> taken) => Enumerable.Range(0, _head.Names.Length).Where(column => !taken.Contains(column));

    private static int? First(IEnumerable<int> columns, Func<int, bool> isRight) =>
        columns.Where(isRight).Select(column => (int?)column).FirstOrDefault();

    private static bool IsFraction(string cell) => DelimitedHead.IsNumber(cell) && cell.Contains('.');

    private static bool IsInstant(string cell) =>
        double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var time)
        && time is >= FirstSecond and < LastSecond or >= 1000 * FirstSecond and < 1000 * LastSecond;

    private InvalidDataException CannotTell(string role, string hint) => new(
        $"{_head.Path}: which column holds {role} cannot be told. It has {_head.Seen}. "
        + $"Name the column: {nameof(InteractionFileHints)} has {hint}, and Separator and HasHeader if these are wrong.");

    private ArgumentException Wrong(int column, string needed, string hint)
    {
        var value = _head.Columns[column].First(cell => !DelimitedHead.IsNumber(cell));
        return new($"{_head.Path}: column '{_head.Names[column]}' holds '{value}'; {needed} is needed. Name another as {hint}.");
    }
}
