using System.Globalization;
using MLNetRecExt.Fuzz;

try
{
    switch (args)
    {
        // Processes that a fault happens to.
        case ["--victim", var work, var path]:
            Victims.Work(work, path);
            return 0;
        case ["--disk", var work, var folder, var pages]:
            Victims.WorkWithoutRoom(work, folder, int.Parse(pages, CultureInfo.InvariantCulture));
            return 0;
    }
    var arguments = FuzzArguments.Parse(args);
    return arguments.Worker is null ? new Driver(arguments).Run() : new Worker(arguments).Run();
}
catch (ArgumentException e)
{
    Console.Error.WriteLine(e.Message);
    Console.Error.WriteLine(FuzzArguments.Usage);
    return 2;
}
