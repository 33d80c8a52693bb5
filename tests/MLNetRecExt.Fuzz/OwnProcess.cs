using System.Diagnostics;

namespace MLNetRecExt.Fuzz;

/// <summary>This program once more, in a process of its own.</summary>
internal static class OwnProcess
{
    public static ProcessStartInfo Info(params string[] args)
    {
        // Started through "dotnet X.dll" the process is dotnet, else it is the program itself.
        var isHost = Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet";
        return new(Environment.ProcessPath!, isHost ? [typeof(OwnProcess).Assembly.Location, .. args] : args);
    }
}
