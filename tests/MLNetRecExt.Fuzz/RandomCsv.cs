using System.Globalization;
using System.Text;
using Microsoft.ML.Data;

namespace MLNetRecExt.Fuzz;

/// <summary>Text files of interactions: what to read from them, and what they hold.</summary>
internal sealed class RandomCsv
{
    private static readonly string[] LabelTexts =
        ["1", "2.5", "-3", "0.1", "4.75", "1e2", " 7", "NaN", "", "12345.678", "-0", "3.4e38", "1e-40", ".5", "5."];

    private static readonly string[] WeightTexts = ["1", "0.5", "0", "-1", "", "3", "1e10"];
    private static readonly string[] Names =
    [
        "ann", "bob", "Amélie", "\"x, y\"", "\"say \"\"hi\"\"\"", " spaced in", "", "a-name-that-is-longer-than-a-word", "日本",
        "\"\"", "\" in quotes \"", "x\"y", "🙂",
    ];

    private static readonly string[] WildTexts =
    [
        "\"", "\"\"", "\"a", "a\"", "\"a\"b", "\r", "\0", "1e999", "--1", "0x10", "+7", "９", "∞", "1,5", "\uFEFF", "nan", "-inf",
        "99999999999999999999", new('x', 5000), "   ", "\t", "#", "1 ", "\"\n\"", "\"\r\n",
    ];

    private static readonly DataKind[] IdKinds = [DataKind.String, DataKind.Int32, DataKind.Int64, DataKind.UInt32, DataKind.UInt64];

    private readonly string[] _columns;

    public RandomCsv(Random random)
    {
        _columns = [.. new[] { "user", "item", "label", "weight", "time", "rest" }];
        random.Shuffle(_columns);
        Kind = IdKinds[random.Next(IdKinds.Length)];
        Separator = ",;\t|"[random.Next(4)];
        HasHeader = random.Next(4) > 0;
    }

    public DataKind Kind { get; }

    public char Separator { get; }

    public bool HasHeader { get; }

    /// <summary>Where the columns are, for a reader of files.</summary>
    public InteractionFileOptions Options => new()
    {
        Columns = new(Name("user"), Name("item"), Name("label"), Name("weight"), Name("time")),
        UserKind = Kind,
        ItemKind = Kind,
        Separator = $"{Separator}",
        HasHeader = HasHeader,
    };

    /// <summary>The same for ML.NET's loader, whose columns have the names of their roles.</summary>
    public TextLoader.Options LoaderOptions => new()
    {
        Columns =
        [
            new("user", Kind, Place("user")), new("item", Kind, Place("item")), new("label", DataKind.Single, Place("label")),
            new("weight", DataKind.Single, Place("weight")), new("time", DataKind.Int64, Place("time")),
        ],
        Separators = [Separator],
        HasHeader = HasHeader,
        AllowQuoting = true,
        MissingRealsAsNaNs = true,
    };

    /// <summary>Text of which every reader should make the same.</summary>
    public byte[] Valid(Random random)
    {
        var text = Begin(random);
        var newLine = random.Next(3);
        for (int row = random.Next(HasHeader ? 0 : 1, 60); row > 0; row--)
        {
            if (random.Next(10) == 0)
                text.Append(NewLine());
            text.AppendJoin(Separator, _columns.Select(ValidText));
            text.Append(row > 1 || random.Next(2) == 0 ? NewLine() : "");
        }
        return Encoding.UTF8.GetBytes(text.ToString());

        string NewLine() => newLine == 0 || (newLine == 2 && random.Next(2) == 0) ? "\n" : "\r\n";

        string ValidText(string column) => column switch
        {
            "label" => LabelTexts[random.Next(LabelTexts.Length)],
            "weight" => WeightTexts[random.Next(WeightTexts.Length)],
            "time" => random.Next(-50, 50).ToString(CultureInfo.InvariantCulture),
            "rest" => random.Next(3) switch { 0 => "", 1 => "more", _ => "x y" },
            _ when Kind == DataKind.String =>
                (random.Next(3) == 0 ? $"u{random.Next(20)}" : Names[random.Next(Names.Length)]).Replace(',', Separator),
            _ => random.Next(Kind is DataKind.UInt32 or DataKind.UInt64 ? 0 : -9, 9).ToString(CultureInfo.InvariantCulture),
        };
    }

    /// <summary>Text that nobody should write.</summary>
    public byte[] Wild(Random random)
    {
        var text = Begin(random);
        for (int row = random.Next(40); row > 0; row--)
        {
            for (int column = random.Next(10); column > 0; column--)
                text.Append(random.Next(3) == 0 ? WildTexts[random.Next(WildTexts.Length)] : $"{random.Next(9)}")
                    .Append(random.Next(20) == 0 ? "" : Separator);
            text.Append(random.Next(10) == 0 ? "\r" : "\n");
        }
        var bytes = Encoding.UTF8.GetBytes(text.ToString());
        if (bytes.Length > 0 && random.Next(3) == 0)
            for (int change = random.Next(8); change > 0; change--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        return bytes;
    }

    private StringBuilder Begin(Random random)
    {
        var text = new StringBuilder(random.Next(4) == 0 ? "\uFEFF" : "");
        return HasHeader ? text.AppendJoin(Separator, _columns).Append('\n') : text;
    }

    private int Place(string column) => Array.IndexOf(_columns, column);

    private string Name(string column) => HasHeader ? column : Place(column).ToString(CultureInfo.InvariantCulture);
}
