using System.CommandLine;
using System.Reflection;
using System.Runtime.InteropServices;
using DuckDB.NET.Data;
using Microsoft.Data.Sqlite;
using Microsoft.ML;
using Npgsql;
using Spectre.Console;

namespace MLNetRecExt.Tool.Verbs;

/// <summary>Says what the tool runs on, and whether files are whole.</summary>
internal sealed class DoctorVerb : Verb
{
    private readonly Option<string[]> _models = new("--model") { Description = "Models to check.", AllowMultipleArgumentsPerToken = true };
    private readonly Option<string[]> _configurations = new("--config")
    {
        Description = "Configurations to check, with the files or databases that they name; recommender.json where it is there.",
        AllowMultipleArgumentsPerToken = true,
    };

    public DoctorVerb()
        : base("doctor", "Print vectors, threads, memory and packages, and check databases and files.",
            "mlrec doctor", "mlrec doctor --model best.model --config recommender.json")
    {
        Add(_models);
        Add(_configurations);
    }

    protected override async Task<Answer> AnswerAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var machine = RunMachine.ThisOne(Environment.ProcessorCount);
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        var free = new DriveInfo(Environment.CurrentDirectory).AvailableFreeSpace;
        Type[] packages = [typeof(MLContext), typeof(SqliteConnection), typeof(NpgsqlConnection), typeof(DuckDBConnection)];
        var versions = packages.Select(type => type.Assembly.GetName().Name!).Zip(packages.Select(VersionOf)).ToDictionary();
        var checks = new List<DoctorCheck> { Check("SQLite", Answers<SqliteConnection>), Check("DuckDB", Answers<DuckDBConnection>) };
        foreach (var path in Configurations(arguments))
            checks.Add(await CheckAsync(path, () => DescribeAsync(path, cancellation)));
        foreach (var path in arguments.GetValue(_models) ?? [])
            checks.Add(Check(path, () => Describe(ModelVerb.Load(path))));
        var view = Columns.Pairs(
            [
                ("MLNetRecExt", machine.LibraryVersion),
                ("system", $"{machine.Runtime}, {machine.OperatingSystem}, {RuntimeInformation.ProcessArchitecture}"),
                ("vectors", $"{machine.VectorBits} bits"), ("threads", $"{machine.Cores}"),
                ("memory", FormattableString.Invariant($"{memory / 1e9:0.0} GB that the process may use")),
                ("free on disk", FormattableString.Invariant($"{free / 1e9:0.0} GB here")),
                ("packages", string.Join(", ", versions.Select(version => $"{version.Key} {version.Value}"))),
                .. checks.Select(check => (check.Name, check.Found)),
            ]);
        return new(view, new { Machine = machine, Memory = memory, Free = free, Packages = versions, Checks = checks },
            checks.TrueForAll(check => check.IsWhole) ? ExitCodes.Success : ExitCodes.Refused);
    }

    private IEnumerable<string> Configurations(ParseResult arguments) => arguments.GetValue(_configurations) is { Length: > 0 } given
        ? given : File.Exists(ConfiguredExperiment.UsualPath) ? [ConfiguredExperiment.UsualPath] : [];

    private static async Task<string> DescribeAsync(string path, CancellationToken cancellation)
    {
        var source = ConfiguredExperiment.Load(path).Source;
        return $"is whole; {source.Name}: {await source.InferAsync(cancellation)}";
    }

    private static string Describe(RecommenderModel model) =>
        FormattableString.Invariant($"is whole; {model.GetType().Name} of {model.Users.Count:N0} users and {model.Items.Count:N0} items");

    /// <summary>Whether the native library of a database is there.</summary>
    private static string Answers<TConnection>()
        where TConnection : System.Data.Common.DbConnection, new()
    {
        using var connection = new TConnection { ConnectionString = "Data Source=:memory:" };
        connection.Open();
        return $"{connection.ServerVersion} answers";
    }

    private static DoctorCheck Check(string name, Func<string> look) => CheckAsync(name, () => Task.FromResult(look())).Result;

    private static async Task<DoctorCheck> CheckAsync(string name, Func<Task<string>> look)
    {
        try
        {
            return new(name, IsWhole: true, await look());
        }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException || IsRefusal(e))
        {
            return new(name, IsWhole: false, OneLine(e));
        }
    }

    private static string VersionOf(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";
}
