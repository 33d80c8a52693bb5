namespace MLNetRecExt.Tool.Tests;

/// <summary>The classes that look at what one comparison and two trainings have left.</summary>
[CollectionDefinition(Name)]
public sealed class ModelCollection : ICollectionFixture<ModelFolder>
{
    public const string Name = "models";
}
