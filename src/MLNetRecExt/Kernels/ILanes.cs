namespace MLNetRecExt.Kernels;

/// <summary>A register of floats. A kernel written against it serves every register width from one source.</summary>
/// <typeparam name="TVector">The register.</typeparam>
internal unsafe interface ILanes<TVector> where TVector : struct
{
    /// <summary>Floats per register.</summary>
    static abstract int Count { get; }

    static abstract TVector Load(float* source);

    static abstract void Store(TVector value, float* destination);

    static abstract TVector Broadcast(float value);

    /// <summary>x·y + z: rounded once where the processor has a fused instruction, twice on one that has none. Every width agrees.</summary>
    static abstract TVector MultiplyAdd(TVector x, TVector y, TVector z);

    /// <summary>x·y + z, the product rounded before the sum.</summary>
    static abstract TVector MultiplyThenAdd(TVector x, TVector y, TVector z);

    /// <summary>Bit l is set where x[l] ≥ y[l]; NaN sets none.</summary>
    static abstract uint AtLeast(TVector x, TVector y);
}
