using MLNetRecExt.Fuzz;

try
{
    var arguments = FuzzArguments.Parse(args);
    return arguments.Worker is null ? new Driver(arguments).Run() : new Worker(arguments).Run();
}
catch (ArgumentException e)
{
    Console.Error.WriteLine(e.Message);
    Console.Error.WriteLine(FuzzArguments.Usage);
    return 2;
}
