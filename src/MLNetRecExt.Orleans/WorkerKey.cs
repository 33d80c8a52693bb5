namespace MLNetRecExt;

/// <summary>Keys of workers: the job, a slash, the silo.</summary>
internal static class WorkerKey
{
    public static string Of(string job, string silo) => $"{job}/{silo}";

    public static string JobOf(string key) => key[..key.IndexOf('/')];

    public static string SiloOf(string key) => key[(key.IndexOf('/') + 1)..];
}
