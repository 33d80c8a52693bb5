namespace MLNetRecExt.Kernels;

/// <summary>Lets the JIT know the padded rank of a kernel: a constant for the common ranks, else what the caller says.</summary>
internal interface IRank
{
    static abstract int Stride(int stride);
}

internal readonly struct Rank32 : IRank
{
    public static int Stride(int stride) => 32;
}

internal readonly struct Rank64 : IRank
{
    public static int Stride(int stride) => 64;
}

internal readonly struct Rank96 : IRank
{
    public static int Stride(int stride) => 96;
}

internal readonly struct Rank128 : IRank
{
    public static int Stride(int stride) => 128;
}

internal readonly struct Rank256 : IRank
{
    public static int Stride(int stride) => 256;
}

internal readonly struct AnyRank : IRank
{
    public static int Stride(int stride) => stride;
}
