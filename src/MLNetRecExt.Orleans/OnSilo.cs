namespace MLNetRecExt;

/// <summary>The placement of a grain on the silo that its key names.</summary>
[Serializable, GenerateSerializer, Immutable, Alias("MLNetRecExt.OnSilo")]
internal sealed class OnSilo : PlacementStrategy;
