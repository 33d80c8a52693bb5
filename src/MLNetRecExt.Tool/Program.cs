using System.CommandLine;
using MLNetRecExt.Tool;

// A training ends within its iteration, and is waited for that long.
var configuration = new InvocationConfiguration
{
    ProcessTerminationTimeout = TimeSpan.FromMinutes(1),
    EnableDefaultExceptionHandler = false,
};
return await new MlrecCommand().RunAsync(args, configuration);
