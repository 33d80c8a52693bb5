using Compare;
using Microsoft.ML;

if (args.Contains("--help") || args.Contains("-h"))
{
    Console.Write(Arguments.Help());
    return 0;
}

using var cancellation = new CancellationTokenSource();
Console.CancelKeyPress += (_, key) =>
{
    key.Cancel = true;
    cancellation.Cancel();
};

try
{
    return Comparison.Run(new MLContext(), Arguments.Parse(args), cancellation.Token) == 0 ? 0 : 3;
}
catch (Exception e) when (e is UsageException or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
catch (Exception e) when (e is MissingMemberException or TypeLoadException)
{
    Console.Error.WriteLine($"The file of --trainer-assembly was built against another version of MLNetRecExt: {e.Message} Build it against this one.");
    return 2;
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("Cancelled.");
    return 130;
}
