using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace MLNetRecExt.Tests;

/// <summary>The rooms of src/MLNetRecExt stand on floors: a room uses the rooms below it, never those above or beside it.</summary>
public partial class HouseTests
{
    private const string Door = "the door";

    /// <summary>The rooms of each floor, from the ground up. The files at the root are the door.</summary>
    private static readonly string[][] Floors =
    [
        ["Data", "Kernels"],
        ["Persistence"],
        ["Features"],
        ["Models"],
        ["Hosting"],
        ["Training"],
        ["Evaluation"],
        ["MatrixFactorization", "SoftmaxDnn", "Neighborhood", "Ease", "ContentBased", "Baselines", "Stages", "Tuning"],
        ["Experiments"],
        [Door],
    ];

    private static readonly string House = Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../src/MLNetRecExt");

    [Fact]
    public void Rooms_Sources_UseOnlyRoomsBelow()
    {
        var files = Sources();
        var upward = Arrows(files).Where(arrow => FloorOf(arrow.To) >= FloorOf(arrow.From));

        Assert.Empty(upward.Select(arrow => $"{arrow.From}/{arrow.File} names {arrow.Name} of {arrow.To}, which is not below it"));
    }

    [Fact]
    public void Rooms_Folders_AreThoseOfTheTable()
    {
        Assert.Equal(Floors.SelectMany(rooms => rooms).Order(), Sources().Select(source => source.Room).Distinct().Order());
    }

    [Fact]
    public void Door_Files_AreTheCatalogs()
    {
        Assert.All(Sources().Where(source => source.Room == Door), source => Assert.Matches("(Catalog|MLContextExtensions)\\.cs$", source.File));
    }

    [Fact]
    public void Rooms_OfOneFile_StandAlone()
    {
        Assert.All(Sources().GroupBy(source => source.Room).Where(room => room.Count() == 1), room => Assert.Equal(Door, room.Key));
    }

    [Fact]
    public void Arrows_OneTurnedRound_IsFoundWithFileAndName()
    {
        (string, string, string)[] files =
        [
            ("Models", "Low.cs", "public class Low { /* High */ string s = \"High\"; }"),
            ("Evaluation", "High.cs", "public class High { Low low; }"),
            ("Data", "Wrong.cs", "internal sealed class Wrong { High high; int Low { get; } int x = a.Low; }"),
        ];

        Assert.Equal([("Evaluation", "High.cs", "Low", "Models"), ("Data", "Wrong.cs", "High", "Evaluation")], Arrows(files));
    }

    private static int FloorOf(string room) => Array.FindIndex(Floors, rooms => rooms.Contains(room));

    /// <summary>Every name of a type that a file of another room declares.</summary>
    private static IEnumerable<(string From, string File, string Name, string To)> Arrows((string Room, string File, string Text)[] files)
    {
        var texts = Array.ConvertAll(files, file => (file.Room, file.File, Code: NoCode().Replace(file.Text, " ")));
        var roomOf = texts.SelectMany(text => Declaration().Matches(text.Code).Select(match => (Name: match.Groups[1].Value, text.Room)))
            .DistinctBy(type => type.Name).ToDictionary(type => type.Name, type => type.Room);
        return from text in texts
               from name in TypeName().Matches(text.Code).Select(match => match.Value).Distinct()
               where roomOf.TryGetValue(name, out var room) && room != text.Room
               select (text.Room, text.File, name, roomOf[name]);
    }

    private static (string Room, string File, string Text)[] Sources() =>
    [
        .. from path in Directory.EnumerateFiles(House, "*.cs", SearchOption.AllDirectories)
           let parts = Path.GetRelativePath(House, path).Split(Path.DirectorySeparatorChar)
           where parts[0] is not ("bin" or "obj")
           select (parts.Length == 1 ? Door : parts[0], parts[^1], File.ReadAllText(path)),
    ];

    private static string ThisFile([CallerFilePath] string path = "") => path;

    /// <summary>Comments and strings. Holes of interpolated strings go with them: what they name is named elsewhere in the file too.</summary>
    [GeneratedRegex("//[^\n]*|/\\*.*?\\*/|\"(\\\\.|[^\"\\\\\n])*\"", RegexOptions.Singleline)]
    private static partial Regex NoCode();

    [GeneratedRegex(@"^(?:public|internal)[\w \t]*\b(?:class|record struct|record|struct|interface|enum|delegate \w+) (\w+)", RegexOptions.Multiline)]
    private static partial Regex Declaration();

    /// <summary>
    /// A capitalised word that stands for a type: not behind a dot, where it is a member, and not behind a type, where it is what is declared.
    /// Behind a keyword it may be a type.
    /// </summary>
    [GeneratedRegex(@"(?<!\w|\.|(?<=[\w>?\]])(?<!\b(?:new|return|is|as|or|not|in|out|ref|case|throw|params|where|public|protected|private|internal|static|readonly|override|abstract|virtual|required|const)) )[A-Z]\w+")]
    private static partial Regex TypeName();
}
