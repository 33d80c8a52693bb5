using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MLNetRecExt;

/// <summary>What an experiment ran on.</summary>
/// <param name="LibraryVersion">Version of MLNetRecExt.</param>
/// <param name="Runtime">The .NET runtime.</param>
/// <param name="OperatingSystem">The operating system.</param>
/// <param name="Cores">Cores that the process may use.</param>
/// <param name="Threads">Threads that it used.</param>
/// <param name="VectorBits">Width of the widest vectors that the processor computes with.</param>
public sealed record RunMachine(
    string LibraryVersion, string Runtime, string OperatingSystem, int Cores, int Threads, int VectorBits)
{
    internal static RunMachine ThisOne(int threads) => new(
        typeof(RunMachine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0],
        RuntimeInformation.FrameworkDescription, RuntimeInformation.OSDescription, Environment.ProcessorCount, threads,
        Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0);
}
