namespace MLNetRecExt.Fuzz;

/// <summary>Fails in each way that is to be found, so that finding it can be tested. Not one of <see cref="Campaigns.Names"/>.</summary>
internal sealed class BrokenCampaign : ICampaign
{
    public const string Name = "broken";

    public string Try(Random random, int index)
    {
        switch (index)
        {
            case 1:
                throw new FuzzFailureException("promise", "broken");
            case 2:
                throw new InvalidOperationException("other exception");
            case 3:
                Environment.FailFast("crash");
                break;
            case 4:
                // A failure, too, repeats.
                throw new FuzzFailureException("number", $"{random.Next()}");
            case 1000:
                Thread.Sleep(Timeout.Infinite);
                break;
        }
        return "well";
    }
}
