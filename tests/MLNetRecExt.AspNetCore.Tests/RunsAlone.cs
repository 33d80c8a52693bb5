namespace MLNetRecExt.AspNetCore.Tests;

/// <summary>Tests that look at what the whole process does, such as its memory: nothing else runs meanwhile.</summary>
[CollectionDefinition(nameof(RunsAlone), DisableParallelization = true)]
public class RunsAlone;
