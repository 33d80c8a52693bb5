namespace MLNetRecExt.Tests;

/// <summary>For tests that measure the whole process, which other tests would change while they run.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RunsAlone
{
    public const string Name = "Runs alone";
}
