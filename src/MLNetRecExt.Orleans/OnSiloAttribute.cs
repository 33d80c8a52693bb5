using Orleans.Placement;

namespace MLNetRecExt;

/// <summary>Places a grain by <see cref="OnSilo"/>.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class OnSiloAttribute() : PlacementAttribute(new OnSilo());
