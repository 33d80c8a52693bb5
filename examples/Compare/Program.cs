using System.CommandLine;
using System.CommandLine.Invocation;
using System.Reflection;
using Compare;
using Microsoft.ML;
using MLNetRecExt;

var file = new Argument<string?>("recommender.json")
{
    Description = "Your data and trainers (default: films that are made up on the spot, and every trainer).",
    Arity = ArgumentArity.ZeroOrOne,
};
file.Validators.Add(given =>
{
    if (given.Tokens is [{ Value: ['-', ..] } option])
        given.AddError($"There is no option '{option.Value}'; --help lists them.");
});
var assembly = new Option<string?>("--trainer-assembly") { Description = "A .NET assembly: its trainers are compared, too." };
var report = new Option<string?>("--report") { Description = "Write all that was found as an HTML page." };
var json = new Option<string?>("--json") { Description = "Write all that was found as JSON." };
var models = new Option<string?>("--save-models") { Description = "Save the models in a folder, one file each." };
var command = new RootCommand("Compares recommenders on the same data.") { file, assembly, report, json, models };
command.SetAction((arguments, cancellation) => Task.Run(() => Run(arguments, cancellation), CancellationToken.None));
var parsed = command.Parse(args);
if (parsed.Action is ParseErrorAction mistake)
    mistake.ShowHelp = false;
var code = await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
return parsed.Errors.Count > 0 ? 2 : code;

// 0: all went well; 2: an argument or file is not as it should be; 3: a trainer was left out; 130: cancelled.
int Run(ParseResult arguments, CancellationToken cancellation)
{
    try
    {
        var experiment = Experiment(
            arguments.GetValue(file), options => options with { Progress = new Progress(), CancellationToken = cancellation });
        if (arguments.GetValue(assembly) is { } path)
            experiment.Add(Assembly.LoadFrom(Path.GetFullPath(path)));
        var record = experiment.Run() with { Command = "dotnet run -c Release --project examples/Compare -- " + string.Join(' ', args) };
        ConsoleReport.Write(record);
        if (arguments.GetValue(json) is { } jsonPath)
            record.Save(jsonPath);
        if (arguments.GetValue(report) is { } htmlPath)
            record.SaveHtml(htmlPath);
        if (arguments.GetValue(models) is { } folder)
            foreach (var trainer in record.Trainers)
                trainer.Model!.Save(Path.Combine(Directory.CreateDirectory(folder).FullName, trainer.Name + ".model"));
        return record.LeftOut.Count == 0 ? 0 : 3;
    }
    catch (OperationCanceledException)
    {
        Console.Error.WriteLine("Cancelled.");
        return 130;
    }
    catch (Exception e) when (e is ArgumentException or IOException or InvalidDataException or UnauthorizedAccessException
        or InvalidOperationException or NotSupportedException or BadImageFormatException or MissingMemberException or TypeLoadException)
    {
        var other = e is MissingMemberException or TypeLoadException
            ? $" {arguments.GetValue(assembly)} was built against another version of MLNetRecExt: build it against this one." : "";
        Console.Error.WriteLine(e.Message.ReplaceLineEndings(" ") + other);
        return 2;
    }
}

static Experiment Experiment(string? file, Func<ExperimentOptions, ExperimentOptions> with)
{
    var recommenders = new MLContext().Recommenders();
    return file is null
        ? EveryTrainer.OnFilms(recommenders, with)
        : recommenders.Experiment(ExperimentConfiguration.Load(file), Path.GetDirectoryName(Path.GetFullPath(file))!, with);
}

/// <summary>A line on the error stream for each step.</summary>
internal sealed class Progress : IProgress<ExperimentProgress>
{
    private (string, string) _last;

    public void Report(ExperimentProgress value)
    {
        if (_last != (_last = (value.Trainer, value.Step)))
            Console.Error.WriteLine(value with { Trial = null });
    }
}
