using System.CommandLine;
using System.Reflection;
using DuckDB.NET.Data;
using Microsoft.Data.Sqlite;
using Microsoft.ML;
using Npgsql;

namespace MLNetRecExt.Tool.Verbs;

/// <summary>Says what the tool runs on, and whether files are whole.</summary>
internal sealed class DoctorVerb : Verb
{
    private readonly Option<string[]> _models = new("--model") { Description = "Models to check." };
    private readonly Option<string[]> _configurations = new("--config") { Description = "Configurations to check." };

    public DoctorVerb()
        : base("doctor", "Print vectors, threads, memory and packages, and check files.", "mlrec doctor", "mlrec doctor --model best.model")
    {
        Add(_models);
        Add(_configurations);
    }

    protected override async Task<Answer> AnswerAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var machine = RunMachine.ThisOne(Environment.ProcessorCount);
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        Type[] packages = [typeof(MLContext), typeof(SqliteConnection), typeof(NpgsqlConnection), typeof(DuckDBConnection)];
        var versions = packages.Select(type => type.Assembly.GetName().Name!).Zip(packages.Select(VersionOf)).ToDictionary();
        foreach (var model in arguments.GetValue(_models) ?? [])
            _ = ModelVerb.Load(model);
        foreach (var path in arguments.GetValue(_configurations) ?? [])
            _ = await ConfiguredExperiment.Load(path).Source.InferAsync(cancellation);
        string[] files = [.. arguments.GetValue(_models) ?? [], .. arguments.GetValue(_configurations) ?? []];
        string[] lines =
        [
            $"MLNetRecExt {machine.LibraryVersion}, {machine.Runtime}, {machine.OperatingSystem}",
            FormattableString.Invariant($"{machine.Cores} cores, vectors of {machine.VectorBits} bits, {memory / 1e9:0.0} GB of memory"),
            string.Join(", ", versions.Select(version => $"{version.Key} {version.Value}")),
            .. files.Select(file => $"{file} is whole."),
        ];
        return new(string.Join(Environment.NewLine, lines), new { Machine = machine, Memory = memory, Packages = versions, Whole = files });
    }

    private static string VersionOf(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";
}
