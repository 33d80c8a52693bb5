using System.Numerics.Tensors;
using MLNetRecExt.Kernels;
using MLNetRecExt.Persistence;

namespace MLNetRecExt;

/// <summary>What a <see cref="DualEaseModel"/> has learned; X̃, Λ and C as <see cref="EaseDual"/> has them.</summary>
/// <param name="Inverse">N = (κM)⁻¹, users × users.</param>
/// <param name="Scale">κ, a power of two.</param>
/// <param name="UserExponent">β.</param>
/// <param name="Taken">By item 1/Λ_i.</param>
/// <param name="Scored">By item s_j/Λ_j, s_j being what column j of C is multiplied by.</param>
/// <param name="Own">By item C_jj s_j.</param>
internal sealed record DualEaseState(AlignedMatrix Inverse, double Scale, float UserExponent, double[] Taken, double[] Scored, double[] Own)
{
    public static DualEaseState Read(ModelReader reader, int users, int items)
    {
        var inverse = reader.ReadMatrix(users);
        var exponent = reader.ReadSingle();
        var scale = reader.ReadArray<double>(1)[0];
        var state = new DualEaseState(inverse, scale, exponent,
            reader.ReadArray<double>(items), reader.ReadArray<double>(items), reader.ReadArray<double>(items));
        OptionChecker.Check(new EaseTrainer.Options { UserExponent = exponent });
        return inverse.Columns == users && double.IsPow2(scale)
            && new[] { state.Taken, state.Scored, state.Own }.All(values => values.Length == 0 || TensorPrimitives.IsFiniteAll<double>(values))
            ? state : throw ModelReader.Damaged();
    }

    public void Write(ModelWriter writer)
    {
        writer.WriteMatrix(Inverse);
        writer.WriteSingle(UserExponent);
        writer.WriteArray<double>([Scale]);
        writer.WriteArray<double>(Taken);
        writer.WriteArray<double>(Scored);
        writer.WriteArray<double>(Own);
    }
}
