using Orleans.Serialization.Cloning;

namespace MLNetRecExt;

/// <summary>Rows on the wire are not copied: they are those of the sender's table.</summary>
[RegisterCopier]
internal sealed class FactorRowsCopier : IDeepCopier<FactorRows>
{
    public FactorRows? DeepCopy(FactorRows? input, CopyContext context) => input;
}
