using MLNetRecExt.Fuzz;

namespace MLNetRecExt.Tests.Fuzz;

public class SealedFileTests
{
    public static TheoryData<string> Kinds => [.. SampleModels.Kinds];

    [Theory, MemberData(nameof(Kinds))]
    public void Change_AnyKind_GivesOtherBytesOfWhichSomeAreTaken(string kind)
    {
        var file = new SealedFile(SampleModels.Bytes(SampleModels.Make(kind, 3)));
        var random = new Random(1);

        var changed = Enumerable.Range(0, 200).Select(_ => file.Change(file, random)).ToArray();

        Assert.True(changed.Count(bytes => !bytes.AsSpan().SequenceEqual(file.Bytes)) > 150);
        // Without right checksums all would be refused.
        Assert.Contains(changed, bytes => !bytes.AsSpan().SequenceEqual(file.Bytes) && LoadedModel.Load(bytes) is not null);
    }
}
