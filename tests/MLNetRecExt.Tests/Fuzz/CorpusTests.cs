using MLNetRecExt.Fuzz;

namespace MLNetRecExt.Tests.Fuzz;

public class CorpusTests
{
    [Fact]
    public void Replay_FilesOfPastFailures_KeepEveryPromise()
    {
        Assert.NotEmpty(Corpus.Files);

        Corpus.Replay();
    }
}
